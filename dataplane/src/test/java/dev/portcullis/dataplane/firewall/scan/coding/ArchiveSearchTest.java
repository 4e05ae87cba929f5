package dev.portcullis.dataplane.firewall.scan.coding;

import static dev.portcullis.dataplane.firewall.scan.coding.ArchiveBodies.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What archives hide: headers that disagree, files in files, base64, and formats that cannot be unpacked. */
class ArchiveSearchTest {
    private static final int VERSION = 4;
    private static final int METHOD = 8;

    /** Where the first entry of the directory of {@code archive} begins. */
    private static int directory(byte[] archive) {
        for (var i = 0; ; i++) {
            if (ByteBuffer.wrap(archive).getInt(i) == 0x504b0102) {
                return i;
            }
        }
    }

    /** What the local header says of the method is a lie that only some programs believe. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 6, 9, 12, 14, 25, 93, 95, 98, 99, 1000, 0xffff})
    void anEntryWhoseHeaderSaysAnotherMethodThanItsDirectoryIsInflatedAllTheSame(int method) {
        var lying = zip(true, secret());
        lying[METHOD] = (byte) method;
        lying[METHOD + 1] = (byte) (method >> 8);
        for (var piece : new int[] {1, 7, lying.length}) {
            assertThat(seen(lying, piece, Action.Warn).rules()).contains("github-token");
        }
    }

    @Test
    void aStoredEntryThatIsDeflatedStopsAtItsSecretAndNotAtTheDirectory() {
        var lying = zip(true, secret(), prose(4000, ""));
        lying[METHOD] = 0;
        var seen = seen(lying, 100, Action.Block);
        assertThat(seen.rules()).containsExactly("github-token");
        assertThat(seen.clean()).isZero();
    }

    @Test
    void aHeaderOfNonsenseIsInflatedWhereNameAndExtraFieldEnd() {
        var lying = zip(true, secret());
        Arrays.fill(lying, VERSION, 26, (byte) 0xee);
        assertFound(lying);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 12, is packed by method 12",
        "0, 93, is packed by method 93",
        "8, 99, is packed by method 99",
        "0, 98, is packed by method 98"
    })
    void whatOnlyTheDirectorySaysIsPackedAnotherWayIsToldWithTheDirectory(int local, int said, String why) {
        var lying = zip(local == 8, prose(20, ""));
        lying[directory(lying) + 10] = (byte) said;
        for (var piece : new int[] {1, 1000}) {
            assertThat(seen(lying, piece, Action.Block).messages())
                    .singleElement()
                    .asString()
                    .contains(why);
        }
        var encrypted = zip(false, prose(20, ""));
        encrypted[directory(encrypted) + 8] |= 1;
        assertThat(seen(encrypted, 10, Action.Block).messages())
                .containsExactly("an entry of the ZIP archive in it is encrypted");
    }

    @Test
    void sizesAndNamesThatDisagreeChangeNothing() {
        var lying = zip(true, secret());
        var at = directory(lying);
        Arrays.fill(lying, at + 16, at + 28, (byte) 0x7f);
        lying[at + 46] = 'x';
        assertFound(lying);
        Arrays.fill(lying, at, lying.length, (byte) 0);
        assertFound(lying);
    }

    /** The directory may point to the one that begins inside the data of the other. */
    @Test
    void anEntryInsideTheDataOfAnotherIsUnpackedToo() {
        var packed = zip(true, secret());
        // A stored block of deflate: what it holds stands in it as it is.
        assertFound(outer(deflated(packed, Deflater.NO_COMPRESSION)));
        // One that goes on as compressed data, however little sense it makes: bits of fixed codes.
        assertFound(outer(joined(new byte[] {0x4b, 0x4c, 0x4a, 0x06}, packed)));
        // In the name, and in the extra field.
        assertFound(outer(packed, packed.length, 0));
        assertFound(outer(packed, 1, packed.length - 1));
    }

    private static byte[] outer(byte[] data) {
        return outer(data, 0, 0);
    }

    private static byte[] outer(byte[] data, int name, int extra) {
        var header = ByteBuffer.allocate(30).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(0x04034b50).putShort((short) 20).putShort((short) 0).putShort((short) 8);
        header.putShort(26, (short) name).putShort(28, (short) extra);
        return joined(header.array(), data);
    }

    private static byte[] deflated(byte[] data, int level) {
        var deflater = new Deflater(level, true);
        deflater.setInput(data);
        deflater.finish();
        var out = new byte[data.length * 2 + 100];
        var length = deflater.deflate(out);
        deflater.end();
        return Arrays.copyOf(out, length);
    }

    @Test
    void archivesInAnArchiveThatCouldNotMakeThemSmallerAreReadOnceMoreWithoutBeingCalledBroken() {
        var noise = new byte[300_000];
        new Random(5).nextBytes(noise);
        var jar = zip(true, prose(10, ""), noise, prose(10, ""), noise);
        assertClean(zip(true, jar, prose(100, ""), jar));
        assertFound(zip(true, jar, zip(true, noise, secret())));
    }

    @Test
    void moreThanCanBeReadSideBySideAreRefused() {
        var decoys = new ByteArrayOutputStream();
        for (var i = 0; i < 9; i++) {
            decoys.writeBytes(Arrays.copyOf(outer(new byte[0], 0xffff, 0xffff), 30));
        }
        assertThat(seen(joined(decoys.toByteArray(), zip(true, secret())), 1000, Action.Block)
                        .messages())
                .containsExactly("more than 8 archives begin inside each other in it");
    }

    @Test
    void aFileOfATarArchiveIsUnpackedWhereItBegins() {
        assertFound(tar("notes.txt", secret()));
        assertFound(tar("notes.txt.gz", Coded.of("gzip", secret())));
        assertFound(tar("notes.txt.zst", Coded.of("zstd", secret())));
        assertFound(tar("notes.docx", zip(true, secret())));
        assertFound(Coded.of("gzip", tar("notes.txt.gz", Coded.of("gzip", secret()))));
        assertClean(tar("notes.txt.gz", Coded.of("gzip", prose(5000, ""))));
    }

    private static byte[] tar(String name, byte[] content) {
        var header = ByteBuffer.allocate(512);
        header.put(ascii(name)).position(100).put(ascii("0000644\0" + "0000000\0".repeat(2)));
        header.put(ascii("%011o\0".formatted(content.length))).position(156).put((byte) '0');
        header.position(257).put(ascii("ustar\00000"));
        return joined(header.array(), content, new byte[512 - content.length % 512 + 1024]);
    }

    @Test
    void anArchiveBehindWhatOnlyBeginsLikeGzipIsFound() {
        assertFound(joined(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff}, zip(true, secret())));
        assertFound(joined(ascii("x"), Coded.of("gzip", secret())));
    }

    @Test
    void whatIsCutOverTheMembersOfAGzipIsOneText() {
        var text = secret();
        var half = text.length - 20;
        assertFound(joined(
                ascii("behind text"),
                Coded.of("gzip", Arrays.copyOf(text, half)),
                Coded.of("gzip", Arrays.copyOfRange(text, half, text.length))));
    }

    @Test
    void anArchiveInBase64IsUnpackedHoweverLongItIsAndHoweverItIsWritten() {
        var noise = new byte[100_000];
        new Random(9).nextBytes(noise);
        for (var packed : new byte[][] {
            zip(true, secret()),
            zip(true, noise, prose(3000, ""), secret()),
            Coded.of("gzip", joined(noise, secret())),
            Coded.of("zstd", joined(noise, secret())),
            zip(true, zip(true, noise, secret()))
        }) {
            var plain = Base64.getEncoder().encodeToString(packed);
            assertFound(ascii("{\"name\":\"a.docx\",\"data\":\"" + plain + "\"}"));
            assertFound(ascii("{\"data\":\"data:application/zip;base64," + plain.replace("/", "\\/") + "\"}"));
            assertFound(ascii("{\"data\":\"" + plain.replaceAll("(.{76})", "$1\\\\r\\\\n") + "\"}"));
            assertFound(ascii("file=" + URLEncoder.encode(plain, StandardCharsets.UTF_8) + "&x=y"));
            assertFound(Base64.getMimeEncoder().encode(packed));
            assertFound(Base64.getUrlEncoder().withoutPadding().encode(packed));
        }
    }

    @Test
    void ordinaryBase64IsClean() {
        var noise = new byte[2_000_000];
        new Random(11).nextBytes(noise);
        var image = Base64.getEncoder().encodeToString(noise);
        assertClean(ascii("{\"image\":\"data:image/png;base64,iVBORw0KGgo" + image + "\"}"));
        assertClean(ascii("{\"a\":\"" + Base64.getEncoder().encodeToString(zip(true, prose(2000, "")))
                + "\",\"b\":\"UEsDUEsDUEsDUEsDUEsD UEsD UEsD H4sI H4sI H4sI H4sI H4sI\"}"));
    }

    @Test
    void formatsThatCannotBeUnpackedAreRefusedAndNamed() {
        var hex = HexFormat.of();
        var xz = hex.parseHex("fd377a585a000004e6d6b4460200210116000000742fe5a301000468656c6c6f000000");
        var bzip2 = hex.parseHex("425a68393141592653591931653d00000081000244a000219a68334d07338bb9229c28480c98b29e80");
        var lz4 = hex.parseHex("04224d186440a705000080616263640a00000000");
        var rar5 = hex.parseHex("526172211a0701003392b5e50a01050600050101808000");
        var rar4 = hex.parseHex("526172211a0700cf907300000d00000000000000");
        var start = new byte[20];
        new Random(1).nextBytes(start);
        var crc = new CRC32();
        crc.update(start);
        var seven = joined(
                hex.parseHex("377abcaf271c0004"),
                ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt((int) crc.getValue())
                        .array(),
                start);
        assertRefused(xz, "the xz file", true);
        assertRefused(bzip2, "the bzip2 file", false);
        assertRefused(lz4, "the LZ4 file", false);
        assertRefused(rar5, "the RAR archive", true);
        assertRefused(rar4, "the RAR archive", true);
        assertRefused(seven, "the 7z archive", true);
    }

    private static void assertRefused(byte[] file, String name, boolean encoded) {
        var rest = new byte[5000];
        new Random(2).nextBytes(rest);
        var whole = joined(file, rest);
        for (var bytes : new byte[][] {
            whole,
            joined(ascii("--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n"), whole, ascii("\r\n--b--\r\n")),
            tar("archive", whole),
            zip(false, whole),
            zip(true, whole),
            Coded.of("gzip", whole),
            encoded ? ascii("{\"file\":\"" + Base64.getEncoder().encodeToString(whole) + "\"}") : whole
        }) {
            for (var piece : new int[] {1, 1000, bytes.length}) {
                var seen = seen(bytes, piece, Action.Block);
                assertThat(seen.rules()).as(name).containsExactly("unreadable-archive");
                assertThat(seen.messages())
                        .containsExactly(name + " in it is of a format that cannot be unpacked here");
                assertThat(seen.clean()).isLessThan(bytes.length);
            }
        }
        assertThat(seen(whole, 100, Action.Warn).clean()).isEqualTo(whole.length);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "7z begins with 7z\u00bc\u00af'\u001c, says the page, and xz with \u00fd7zXZ\0.",
                "Rar!\u001a\u0007 is how RAR begins; BZh9 and BZh91 are levels of bzip2",
                "magic: \u00fd7zXZ\0\0\0 7z\u00bc\u00af'\u001c\0\0 Rar!\u001a\u0007\0\0\0 BZh9\u0017rE8P\u0090 \u0004\"M\u0018 (\u00b5/\u00fd"
            })
    void textsAboutFormatsAreClean(String text) {
        assertClean(ascii(text + " ".repeat(100)));
    }
}
