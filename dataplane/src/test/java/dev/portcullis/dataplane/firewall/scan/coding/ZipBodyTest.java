package dev.portcullis.dataplane.firewall.scan.coding;

import static dev.portcullis.dataplane.firewall.scan.coding.ArchiveBodies.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ZIP archives in what leaves, honest and not. */
class ZipBodyTest {
    private static final int FLAGS = 6;
    private static final int METHOD = 8;
    private static final int SIZES = 18;

    @Test
    void theTestHidesItsSecretFromWhoDoesNotUnpack() {
        assertThat(new String(zip(true, secret()), StandardCharsets.ISO_8859_1)).doesNotContain(TOKEN.substring(0, 12));
    }

    @Test
    void aSecretInAnyDeflatedEntryIsFoundWhateverThePieces() {
        assertFound(zip(true, secret()));
        assertFound(zip(true, prose(3000, ""), new byte[0], prose(10, ""), secret(), prose(5, "")));
        assertClean(zip(true, prose(3000, ""), new byte[0], prose(10, "")));
    }

    @Test
    void whatStandsAsItIsInAnArchiveIsScannedAsItIs() {
        assertFound(zip(false, secret()));
        assertClean(zip(false, prose(500, ""), prose(5, "")));
    }

    @Test
    void anArchiveIsFoundWhereverItBegins() {
        var packed = zip(true, secret());
        assertFound(joined(ascii("#!/bin/sh\nexec java -jar $0 PPKPK\3PK\3"), packed));
        assertFound(joined(ascii("PK\7\10"), packed));
        assertFound(joined(
                ascii("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.docx\"\r\n\r\n"),
                packed,
                ascii("\r\n--b--\r\n")));
        assertFound(joined(zip(true, prose(9, "")), ascii("\r\n--b\r\n\r\n"), packed));
    }

    @Test
    void archivesInsideOthersAreUnpackedAsDeepAsCodings() {
        var packed = zip(true, secret());
        assertFound(zip(false, packed));
        assertFound(zip(false, zip(false, packed)));
        assertFound(zip(true, prose(50, ""), packed));
        assertFound(zip(true, zip(true, zip(true, secret()))));
        assertFound(Coded.of("gzip", packed));
        assertFound(Coded.of("br", packed), "br");
        assertFound(zip(true, Coded.of("gzip", secret())));
    }

    @Test
    void sizesThatLieChangeNothing() {
        for (var size : new long[] {0, 1, 0x7fff_ffffL, 0xffff_ffffL}) {
            var lying = zip(true, secret());
            ByteBuffer.wrap(lying).putInt(SIZES, (int) size).putInt(SIZES + 4, (int) size);
            assertFound(lying);
            lying[FLAGS] ^= 8; // no data descriptor
            assertFound(lying);
        }
    }

    @Test
    void aZip64EntryIsReadLikeAnyOther() {
        var packed = zip(true, secret());
        var name = packed[26] & 0xff;
        var head = Arrays.copyOf(packed, 30 + name);
        Arrays.fill(head, SIZES, SIZES + 8, (byte) 0xff);
        head[4] = 45;
        head[28] = 20;
        var field = ByteBuffer.allocate(20).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        field.putShort((short) 1).putShort((short) 16).putLong(1L << 40).putLong(1L << 40);
        assertFound(joined(head, field.array(), Arrays.copyOfRange(packed, 30 + name, packed.length)));
    }

    @Test
    void anEncryptedEntryOrAnotherMethodIsRefusedWithItsReason() {
        var encrypted = zip(true, prose(20, ""));
        encrypted[FLAGS] |= 1;
        var lzma = zip(true, prose(20, ""));
        lzma[METHOD] = 14;
        for (var piece : new int[] {1, 1000}) {
            assertThat(seen(encrypted, piece, Action.Block))
                    .isEqualTo(new Seen(
                            List.of("unreadable-archive"),
                            List.of("an entry of the ZIP archive in it is encrypted"),
                            0));
            assertThat(seen(lzma, piece, Action.Block).messages())
                    .containsExactly(
                            "an entry of the ZIP archive in it is packed by method 14, not deflated or stored");
        }
        var warned = seen(joined(encrypted, zip(true, secret())), 100, Action.Warn);
        assertThat(warned.rules()).as("others are read all the same").contains("unreadable-archive", "github-token");
        assertThat(seen(joined(encrypted, lzma), 100, Action.Warn))
                .as("told once")
                .isEqualTo(new Seen(
                        List.of("unreadable-archive"),
                        List.of("an entry of the ZIP archive in it is encrypted"),
                        encrypted.length + lzma.length));
    }

    @Test
    void brokenDataIsRefused() {
        var broken = zip(true, prose(2000, ""));
        Arrays.fill(broken, 60, 90, (byte) 0xff);
        assertThat(seen(broken, 64, Action.Block).messages())
                .contains("an entry of the ZIP archive in it has broken data");
    }

    @Test
    void aHeaderThatHidesAnotherIsNotBelieved() {
        var packed = zip(true, secret());
        var decoy = Arrays.copyOf(packed, 30);
        decoy[26] = (byte) 0xff;
        decoy[27] = (byte) 0xff;
        for (var piece : new int[] {1, 5, 1000}) {
            assertThat(seen(joined(decoy, packed, new byte[70_000]), piece, Action.Block)
                            .rules())
                    .containsExactly("github-token");
        }
        assertFound(joined(ascii("PK\3\4"), packed));
        assertFound(joined(ascii("PK\3\4PK\3\4PK\3\4PKPK\3"), packed));
    }

    @Test
    void anArchiveThatBreaksOffIsOnePartOfAnUploadInParts() {
        var packed = zip(true, prose(100, ""), prose(30, ""));
        for (var length = 0; length < packed.length; length++) {
            var seen = seen(Arrays.copyOf(packed, length), 50, Action.Block);
            assertThat(seen.messages()).as("%d bytes", length).isEmpty();
            assertThat(seen.clean()).isEqualTo(length);
        }
        var whole = zip(true, secret(), prose(2000, ""));
        assertFound(Arrays.copyOf(whole, whole.length / 2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PK\3\4\0PK\1\2\0PK\5\6\0and other strings of a program",
                "PK\3\4",
                "PK\3\4 is how it begins, says the text of a book"
            })
    void whatOnlyMentionsTheSignatureIsNoArchive(String text) {
        assertClean(ascii(text));
    }

    @Test
    void bombsAreNotSetOff() {
        var bomb = zip(true, new byte[64 * 1024 * 1024]);
        assertThat(seen(bomb, 4096, Action.Block).rules()).containsExactly("coding-ratio");
        assertThat(seen(zip(true, bomb), 100, Action.Block).rules()).containsExactly("coding-ratio");
        assertThat(seen(zip(true, bomb, bomb), 4096, Action.Warn).clean())
                .as("where that only warns it passes")
                .isEqualTo(zip(true, bomb, bomb).length);
    }

    @Test
    void theRestOfALongBodyIsNotHeldForAnArchiveBeforeIt() {
        var noise = new byte[4_000_000];
        new Random(3).nextBytes(noise);
        var bytes = joined(zip(true, prose(10, "")), noise);
        try (var body = open(Action.Block, Long.MAX_VALUE)) {
            for (var i = 0; i < bytes.length; i += 8192) {
                body.feed(ByteBuffer.wrap(bytes, i, Math.min(8192, bytes.length - i)));
                assertThat(i - body.clean()).as("at %d", i).isLessThan(200_000);
            }
            body.finish();
            assertThat(body.clean()).isEqualTo(bytes.length);
        }
    }

    @Test
    void beyondTheScannedPartNothingIsUnpacked() {
        var bytes = zip(true, prose(20_000, ""), secret());
        try (var body = open(Action.Block, 100_000)) {
            for (var i = 0; i < bytes.length; i += 1000) {
                body.feed(ByteBuffer.wrap(bytes, i, Math.min(1000, bytes.length - i)));
            }
            body.finish();
            assertThat(body.findings()).isEmpty();
            assertThat(body.clean()).isEqualTo(bytes.length);
        }
    }
}
