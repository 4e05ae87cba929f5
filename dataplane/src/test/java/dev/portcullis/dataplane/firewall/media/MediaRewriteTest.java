package dev.portcullis.dataplane.firewall.media;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.MediaSpec.ImageFormat;
import dev.portcullis.crd.v1alpha1.MediaSpec.OnMedia;
import dev.portcullis.dataplane.firewall.rewrite.Rewritten;
import dev.portcullis.dataplane.firewall.scan.Finding;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies under the media policy, byte by byte and made up by a hostile origin. */
class MediaRewriteTest {
    private static final MediaPolicy POLICY = new MediaPolicy(
            EnumSet.of(ImageFormat.png, ImageFormat.jpeg, ImageFormat.gif, ImageFormat.webp),
            5 << 20,
            OnMedia.Block,
            OnMedia.Block,
            true,
            true);

    private record Result(byte[] body, List<Finding> findings, boolean stripped) {
        String rules() {
            return String.join(" ", findings.stream().map(Finding::rule).toList());
        }

        String text() {
            return new String(body, ISO_8859_1);
        }
    }

    private static Result run(MediaPolicy policy, String type, byte[] body, int step) {
        var rewrite = new MediaRewrite(policy, type, false, -1, UnpooledByteBufAllocator.DEFAULT);
        var out = new ByteArrayOutputStream();
        Consumer<ByteBuf> sink = bytes -> {
            var copy = new byte[bytes.readableBytes()];
            bytes.readBytes(copy);
            out.writeBytes(copy);
            bytes.release();
        };
        for (var at = 0; at < body.length; at += step) {
            var piece = Unpooled.copiedBuffer(body, at, Math.min(step, body.length - at));
            rewrite.feed(piece, sink);
            assertThat(piece.refCnt()).isLessThanOrEqualTo(1);
        }
        rewrite.finish(sink);
        rewrite.close();
        return new Result(out.toByteArray(), rewrite.findings(), rewrite.done() == Rewritten.METADATA);
    }

    private static byte[] picture(String format) {
        return switch (format) {
            case "png" -> Pictures.png();
            case "jpeg" -> Pictures.jpeg();
            case "gif" -> Pictures.gif();
            default -> Pictures.webp();
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "gif", "webp"})
    void anImageLosesItsMetadataAndNothingElseHoweverItArrives(String format) {
        var body = picture(format);
        assertThat(new String(body, ISO_8859_1)).contains(Pictures.HIDDEN);
        var whole = run(POLICY, "image/" + format, body, body.length);
        assertThat(whole.findings()).isEmpty();
        assertThat(whole.stripped()).isTrue();
        assertThat(whole.text()).doesNotContain("GPS").doesNotContain("13.4050");
        if (!format.equals("webp")) {
            assertThat(Pictures.pixels(whole.body())).isEqualTo(Pictures.pixels(body));
        }
        for (var step : new int[] {1, 2, 3, 7, 64, 1000}) {
            assertThat(run(POLICY, "image/" + format, body, step).body())
                    .as("in pieces of " + step)
                    .isEqualTo(whole.body());
        }
        var again = run(POLICY, "image/" + format, whole.body(), 100);
        assertThat(again.body()).isEqualTo(whole.body());
    }

    @Test
    void whatAJpegNeedsToBeShownStays() {
        var text = run(POLICY, "image/jpeg", Pictures.jpeg(), 50).text();
        assertThat(text).contains("ICC_PROFILE").contains("JFIF").doesNotContain("MPF");
        var exif = text.indexOf("Exif\0\0");
        var tiff = text.substring(exif + 6).getBytes(ISO_8859_1);
        assertThat(Orientation.of(tiff, 0, tiff.length)).isEqualTo(6);
        assertThat(text.indexOf("Exif", exif + 1)).isNegative();
    }

    @Test
    void aWebpKeepsItsLengthAndSaysThatItHasNoMetadata() {
        var before = Pictures.webp();
        var after = run(POLICY, "image/webp", before, 17).body();
        assertThat(after).hasSameSizeAs(before);
        assertThat(after[20] & 0xff).isEqualTo(0x10);
        assertThat(new String(after, ISO_8859_1)).contains("JUNK", "ICCP").doesNotContain("EXIF");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif"})
    void anImageWithoutMetadataGoesOnAsItIs(String format) {
        var plain = Pictures.plain(format);
        var result = run(POLICY, "image/" + format, plain, 99);
        assertThat(result.findings()).isEmpty();
        assertThat(result.body()).isEqualTo(plain);
        assertThat(result.stripped()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain, png, ''",
        "'', jpeg, ''",
        "application/octet-stream, gif, ''",
        "image/png, webp, ''",
        "image/x-icon, png, ''",
        "audio/mpeg, png, audio",
        "video/mp4, jpeg, video",
    })
    void bytesDecideWhatAnImageIsAndTheTypeWhetherItIsAudioOrVideoToo(String type, String format, String rules) {
        var result = run(POLICY, type, picture(format), 5);
        assertThat(result.rules()).isEqualTo(rules);
        assertThat(result.text()).doesNotContain("GPS");
        assertThat(result.body().length > 0).isEqualTo(rules.isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "text/html, 'ID3\u0004abcdefgh', audio",
        "application/json, 'OggS\u0000abcdefghijklmnopqrstuvwxyzabcdefghijklmnop', audio",
        "text/plain, '\u0000\u0000\u0000\u0020ftypisom', video",
        "'', '\u0000\u0000\u0000\u0020ftypM4A ', audio",
        "image/avif, '\u0000\u0000\u0000\u0020ftypavif', image-format",
        "'', '\u0000\u0000\u0000\u0020ftypheic', image-format",
        "text/plain, 'RIFF\u0001\u0001\u0001\u0001WAVEfmt', audio",
        "text/plain, 'RIFF\u0001\u0001\u0001\u0001AVI LIST', video",
        "text/plain, 'fLaC\u0000', audio",
        "'', '\u001aE\u00df\u00a3', video",
        "application/octet-stream, '\u00ff\u00fb\u0090\u0000', audio",
        "image/png, 'a text', image-unrecognised",
        "image/png, '\u0089PN', image-unrecognised",
        "image/jpeg, '<html>', image-unrecognised",
        "image/svg+xml, '<svg/>', image-format",
        "text/xml, '<?xml version=\"1.0\"?> <svg/>', image-format",
        "'', '<svg xmlns=\"\"/>', image-format",
        "image/png, ' <!-- x --><SvG/>', image-format",
        "image/bmp, 'BM\u0001\u0001\u0001\u0001\u0000\u0000\u0000\u0000', image-format",
        "'', '\u0000\u0000\u0001\u0000ftypisom', video",
        "'', '\u0000\u0000\u0001\u0000', image-format",
        "audio/ogg, 'anything', audio",
        "application/mp4, 'anything', video",
    })
    void whatTheBytesOrTheTypeSayIsRefused(String type, String body, String rule) {
        for (var step : new int[] {1, 4, 1000}) {
            var result = run(POLICY, type, body.getBytes(ISO_8859_1), step);
            assertThat(result.rules()).as(type).isEqualTo(rule);
            assertThat(result.body()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain, 'GIF is a format'",
        "text/plain, ID",
        "text/html, '<html><body>an <svg/> within</body></html>'",
        "application/json, '{\"a\": 1}'",
        "application/xhtml+xml, '<html><svg/></html>'",
        "text/plain, 'BMW makes cars, and others'",
        "text/plain, '\u00ff\u00fbl'",
        "application/zip, 'PK\u0003\u0004'",
        "text/plain, ''",
        "image/png, ''",
    })
    void whatIsNoMediaGoesOnAsItIs(String type, String body) {
        for (var step : new int[] {1, 1000}) {
            var result = run(POLICY, type, body.getBytes(ISO_8859_1), step);
            assertThat(result.findings()).isEmpty();
            assertThat(result.text()).isEqualTo(body);
        }
    }

    @Test
    void plainTextIsNotHeldBack() {
        var rewrite = new MediaRewrite(POLICY, "text/plain", false, -1, UnpooledByteBufAllocator.DEFAULT);
        var passed = new ByteArrayOutputStream();
        rewrite.feed(Unpooled.wrappedBuffer(new byte[] {'h'}), bytes -> {
            passed.write(bytes.readByte());
            bytes.release();
        });
        assertThat(passed.size()).isEqualTo(1);
        rewrite.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "gif", "webp"})
    void anImageThatEndsTooEarlyIsDamagedWhereverItEnds(String format) {
        var whole = picture(format);
        var end = whole.length - (format.equals("webp") ? 0 : Pictures.HIDDEN.length());
        for (var length = 12; length < end; length += 1 + length / 40) {
            var result = run(POLICY, "image/" + format, Pictures.part(whole, 0, length), 13);
            assertThat(result.rules()).as("%d of %d bytes", length, end).isEqualTo("image-malformed");
        }
    }

    @Test
    void anImageThatLiesAboutItselfIsDamaged() {
        var png = Pictures.plain("png");
        var longChunk = png.clone();
        longChunk[33] = (byte) 0xff;
        assertThat(run(POLICY, "image/png", longChunk, 9).rules()).isEqualTo("image-malformed");
        var noName = png.clone();
        noName[37] = 0;
        assertThat(run(POLICY, "image/png", noName, 9).rules()).isEqualTo("image-malformed");
        var twice = Pictures.join(Pictures.part(png, 0, 33), Pictures.part(png, 8, png.length));
        assertThat(run(POLICY, "image/png", twice, 9).rules()).isEqualTo("image-malformed");
        var critical = Pictures.join(Pictures.part(png, 0, 33), Pictures.chunk("ABCD", new byte[3]), png);
        assertThat(run(POLICY, "image/png", critical, 9).rules()).isEqualTo("image-malformed");

        var webp = Pictures.webp();
        webp[4] = 30;
        webp[5] = 0;
        assertThat(run(POLICY, "image/webp", webp, 9).rules()).isEqualTo("image-malformed");
        var nothing = Pictures.riff();
        assertThat(run(POLICY, "image/webp", nothing, 9).rules()).isEqualTo("image-malformed");

        var jpeg = Pictures.join(new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff, (byte) 0xe1, 0, 1, 0, 0});
        assertThat(run(POLICY, "image/jpeg", jpeg, 9).rules()).isEqualTo("image-malformed");
        var noFrame =
                new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff, (byte) 0xda, 0, 2, 1, (byte) 0xff, (byte) 0xd9};
        assertThat(run(POLICY, "image/jpeg", noFrame, 9).rules()).isEqualTo("image-malformed");
    }

    @Test
    void millionsOfEmptyPartsCostNoMoreThanTheirBytes() {
        var many = new byte[4][];
        many[0] = Pictures.part(Pictures.plain("png"), 0, 33);
        many[1] = repeated(Pictures.chunk("tEXt", new byte[0]), 200_000);
        many[2] = Pictures.part(Pictures.plain("png"), 33, Pictures.plain("png").length);
        many[3] = new byte[0];
        var result = run(POLICY, "image/png", Pictures.join(many), 8192);
        assertThat(result.findings()).isEmpty();
        assertThat(result.body()).isEqualTo(Pictures.plain("png"));

        var gif = Pictures.plain("gif");
        var jpeg = Pictures.plain("jpg");
        var padded = Pictures.join(
                Pictures.part(jpeg, 0, 2),
                repeated(new byte[] {(byte) 0xff}, 1_000_000),
                Pictures.part(jpeg, 2, jpeg.length));
        assertThat(run(POLICY, "image/jpeg", padded, 8192).body()).isEqualTo(jpeg);
        var trailing = Pictures.join(gif, repeated(new byte[] {';'}, 1_000_000));
        assertThat(run(POLICY, "image/gif", trailing, 8192).body()).isEqualTo(gif);
    }

    private static byte[] repeated(byte[] part, int times) {
        var out = new ByteArrayOutputStream();
        for (var i = 0; i < times; i++) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    @Test
    void anImageThatIsTooLongIsCut() {
        var policy = new MediaPolicy(POLICY.images(), 1024, OnMedia.Block, OnMedia.Block, true, true);
        var image = Pictures.join(Pictures.part(Pictures.plain("png"), 0, 33), Pictures.chunk("IDAT", new byte[4096]));
        var result = run(policy, "image/png", image, 256);
        assertThat(result.rules()).isEqualTo("image-size");
        assertThat(result.body()).hasSizeLessThanOrEqualTo(1024);

        var told = new MediaRewrite(policy, "image/png", false, 5000, UnpooledByteBufAllocator.DEFAULT);
        told.feed(Unpooled.copiedBuffer(Pictures.part(image, 0, 100)), bytes -> {
            throw new AssertionError("nothing may pass");
        });
        assertThat(told.findings()).extracting(Finding::rule).containsExactly("image-size");
        told.close();
    }

    @Test
    void damageOfAnyKindIsAFindingAndNeverMore() {
        var random = new Random(20_251_125);
        for (var round = 0; round < 4000; round++) {
            var format = new String[] {"png", "jpeg", "gif", "webp"}[round % 4];
            var body = picture(format).clone();
            for (var i = random.nextInt(6); i >= 0; i--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(3) == 0) {
                body = Pictures.part(body, 0, random.nextInt(body.length));
            }
            var seed = "round " + round;
            var whole = run(POLICY, "image/" + format, body, Math.max(1, body.length));
            var pieces = run(POLICY, "image/" + format, body, 1 + random.nextInt(300));
            assertThat(pieces.rules()).as(seed).isEqualTo(whole.rules());
            if (whole.findings().isEmpty()) {
                assertThat(pieces.body()).as(seed).isEqualTo(whole.body());
                assertThat(whole.body().length).as(seed).isLessThanOrEqualTo(body.length);
            }
        }
    }

    @Test
    void anyBytesAtAllAreJudged() {
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++) {
            var body = new byte[random.nextInt(80)];
            random.nextBytes(body);
            var type = new String[] {"", "image/png", "text/plain", "application/octet-stream"}[round & 3];
            var result = run(POLICY, type, body, 1 + random.nextInt(20));
            assertThat(result.body().length).isLessThanOrEqualTo(body.length);
        }
    }
}
