package dev.portcullis.dataplane.firewall.scan.coding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.github.luben.zstd.ZstdOutputStream;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed bodies, honest and not. */
class CodedBodyTest {
    private static final String MARK = "TOP-SECRET-MARK";
    private static final int WINDOW = 64;

    /** A direction that looks for {@link #MARK} and holds the last bytes back. */
    private static final class Direction implements StrictBodies {
        private final boolean scansCoded;
        private final Action action;
        private final long limit;
        private final List<Text> opened = new ArrayList<>();

        Direction(boolean scansCoded, Action action, long limit) {
            this.scansCoded = scansCoded;
            this.action = action;
            this.limit = limit;
        }

        static Direction request() {
            return new Direction(true, Action.Block, Long.MAX_VALUE);
        }

        static Direction response() {
            return new Direction(false, Action.Block, Long.MAX_VALUE);
        }

        @Override
        public BodyScan plain() {
            var scan = new Text(limit);
            opened.add(scan);
            return scan;
        }

        @Override
        public boolean scansCoded() {
            return scansCoded;
        }

        @Override
        public long limit() {
            return limit;
        }

        @Override
        public Action action() {
            return action;
        }

        @Override
        public boolean unpacksArchives() {
            return false;
        }

        String innermost() {
            return opened.getLast().text.toString(StandardCharsets.ISO_8859_1);
        }
    }

    /** Keeps everything it sees, and the last bytes back. */
    private static final class Text implements BodyScan {
        private final ByteArrayOutputStream text = new ByteArrayOutputStream();
        private final List<Finding> findings = new ArrayList<>();
        private final long limit;
        private boolean done;

        Text(long limit) {
            this.limit = limit;
        }

        @Override
        public void feed(ByteBuffer bytes) {
            var copy = new byte[bytes.remaining()];
            bytes.get(copy);
            text.writeBytes(copy);
            done |= text.size() > limit;
            if (findings.isEmpty() && text.toString(StandardCharsets.ISO_8859_1).contains(MARK)) {
                findings.add(StrictBodies.finding("mark", Action.Block, "it holds the mark"));
            }
        }

        @Override
        public void finish() {
            done = true;
        }

        @Override
        public long clean() {
            return !findings.isEmpty() ? 0 : done ? text.size() : Math.max(0, text.size() - WINDOW);
        }

        @Override
        public List<Finding> findings() {
            return findings;
        }
    }

    private static byte[] text(int length) {
        var text = new StringBuilder();
        for (var i = 0; text.length() < length; i++) {
            text.append("line ").append(i * 7919L).append(" of an ordinary text\n");
        }
        return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static List<String> rules(CodedBody body) {
        return body.findings().stream().map(Finding::rule).toList();
    }

    /** Feeds all of {@code bytes} in pieces, and ends. */
    private static void feed(CodedBody body, byte[] bytes, int piece) {
        for (var i = 0; i < bytes.length; i += piece) {
            body.feed(ByteBuffer.wrap(bytes, i, Math.min(piece, bytes.length - i)));
        }
        body.finish();
    }

    private static String header(String coding) {
        return coding.equals("raw-deflate") ? "deflate" : coding;
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "raw-deflate", "br", "zstd"})
    void aCodingIsUndoneWhateverThePiecesItComesIn(String coding) {
        var plain = text(50_000);
        var packed = Coded.of(coding, plain);
        for (var piece : new int[] {1, 2, 3, 7, 100, 4096, packed.length}) {
            var direction = Direction.response();
            try (var body = new CodedBody(List.of(header(coding)), direction)) {
                feed(body, packed, piece);
                assertThat(rules(body)).as("%s by %d", coding, piece).isEmpty();
                assertThat(direction.innermost()).isEqualTo(new String(plain, StandardCharsets.US_ASCII));
                assertThat(body.clean()).isEqualTo(packed.length);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "raw-deflate", "br", "zstd"})
    void nothingIsCleanBeforeWhatItDecodesToIs(String coding) {
        var packed = Coded.of(coding, joined(text(200_000), MARK.getBytes(StandardCharsets.US_ASCII), text(10_000)));
        try (var body = new CodedBody(List.of(header(coding)), Direction.response())) {
            feed(body, packed, 64);
            assertThat(rules(body)).containsExactly("mark");
            assertThat(body.clean()).isLessThan(packed.length);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd", "deflate"})
    void bytesPassWhileTheBodyGoesOn(String coding) {
        var packed = Coded.of(coding, text(2_000_000));
        try (var body = new CodedBody(List.of(coding), Direction.response())) {
            body.feed(ByteBuffer.wrap(packed, 0, packed.length / 2));
            assertThat(body.clean()).isZero();
            body.feed(ByteBuffer.wrap(packed, packed.length / 2, packed.length / 4));
            assertThat(body.clean()).isGreaterThanOrEqualTo(packed.length / 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd", "deflate", "raw-deflate"})
    void aBodyThatBreaksOffOrGoesOnBehindItsEndIsNotWhatItSays(String coding) {
        var packed = Coded.of(coding, text(5000));
        for (var bad : List.of(
                Arrays.copyOf(packed, packed.length - 1),
                Arrays.copyOf(packed, packed.length / 2),
                joined(packed, "behind the end".getBytes(StandardCharsets.US_ASCII)))) {
            try (var body = new CodedBody(List.of(header(coding)), Direction.response())) {
                feed(body, bad, 1000);
                assertThat(rules(body)).as(coding).containsExactly("malformed-coding");
                assertThat(body.clean()).isLessThan(bad.length);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd", "deflate", "raw-deflate"})
    void aBombIsNotSetOff(String coding) {
        var bomb = Coded.of(coding, new byte[64 * 1024 * 1024]);
        var direction = Direction.response();
        try (var body = new CodedBody(List.of(header(coding)), direction)) {
            feed(body, bomb, 16_384);
            assertThat(rules(body)).containsExactly("coding-ratio");
            assertThat(direction.opened.getFirst().text.size())
                    .isLessThan((int) (CodedBody.FREE + CodedBody.RATIO * bomb.length + 1024 * 1024));
            assertThat(body.clean()).isLessThan(bomb.length);
        }
    }

    @Test
    void aBombInsideABombIsMeasuredAgainstTheWire() {
        var nested = Coded.of("gzip", Coded.of("gzip", new byte[512 * 1024 * 1024]));
        var direction = Direction.request();
        try (var body = new CodedBody(List.of(), direction)) {
            feed(body, nested, 100);
            assertThat(rules(body)).containsExactly("coding-ratio");
            assertThat(direction.opened.stream()
                            .mapToInt(scan -> scan.text.size())
                            .sum())
                    .isLessThan((int) (CodedBody.FREE + CodedBody.RATIO * nested.length + 1024 * 1024));
        }
    }

    @Test
    void everyMemberAndEveryFrameCounts() {
        var secret = MARK.getBytes(StandardCharsets.US_ASCII);
        for (var coding : List.of("gzip", "zstd")) {
            var packed = joined(Coded.of(coding, text(100)), Coded.of(coding, new byte[0]), Coded.of(coding, secret));
            for (var piece : new int[] {1, 1000}) {
                try (var body = new CodedBody(List.of(coding), Direction.response())) {
                    feed(body, packed, piece);
                    assertThat(rules(body)).as(coding).containsExactly("mark");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd"})
    void whatIsCompressedWithoutSayingSoIsDecodedByItsFirstBytesAtEveryDepth(String coding) {
        var packed = MARK.getBytes(StandardCharsets.US_ASCII);
        for (var depth = 1; depth <= 4; depth++) {
            packed = Coded.of(coding, packed);
            for (var piece : new int[] {1, 3, 10_000}) {
                try (var body = new CodedBody(List.of(), Direction.request())) {
                    feed(body, packed, piece);
                    assertThat(rules(body)).as("depth %d by %d", depth, piece).containsOnly("mark");
                }
            }
        }
    }

    @Test
    void severalDeclaredCodingsComeOffInTheirOrder() {
        var packed = Coded.of("br", Coded.of("zstd", Coded.of("deflate", MARK.getBytes(StandardCharsets.US_ASCII))));
        try (var body = new CodedBody(List.of("deflate, identity", " ZSTD,br"), Direction.response())) {
            feed(body, packed, 5);
            assertThat(rules(body)).containsExactly("mark");
        }
    }

    @Test
    void whatOnlyBeginsLikeACodingIsScannedAsItIs() {
        var disguised = joined(new byte[] {0x1f, (byte) 0x8b, 8}, text(100), MARK.getBytes(StandardCharsets.US_ASCII));
        try (var body = new CodedBody(List.of(), Direction.request())) {
            feed(body, disguised, 10);
            assertThat(rules(body)).containsExactly("mark");
        }
        var part = Arrays.copyOf(Coded.of("gzip", text(100_000)), 10_000);
        try (var body = new CodedBody(List.of(), Direction.request())) {
            feed(body, part, 999);
            assertThat(rules(body)).as("one part of an upload in parts").isEmpty();
            assertThat(body.clean()).isEqualTo(part.length);
        }
    }

    @Test
    void aSecretInTheFrameAroundTheDataIsFoundInRequests() {
        var comment = joined(
                new byte[] {0x1f, (byte) 0x8b, 8, 16, 0, 0, 0, 0, 0, 0},
                MARK.getBytes(StandardCharsets.US_ASCII),
                new byte[1],
                Arrays.copyOfRange(Coded.of("gzip", text(10)), 10, 100));
        try (var body = new CodedBody(List.of("gzip"), Direction.request())) {
            feed(body, comment, 8);
            assertThat(rules(body)).contains("mark");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"compress", "gzip, x-unheard-of", "br, br, br, br, br", "gzip;q=1"})
    void aCodingThatNobodyKnowsIsAFinding(String header) {
        try (var body = new CodedBody(List.of(header), Direction.response())) {
            assertThat(rules(body)).containsExactly("unknown-coding");
            feed(body, text(10), 10);
            assertThat(body.clean()).isZero();
        }
    }

    @Test
    void anEmptyBodyIsCleanInAnyCoding() {
        for (var coding : List.of("gzip", "deflate", "br", "zstd")) {
            try (var body = new CodedBody(List.of(coding), Direction.response())) {
                body.finish();
                assertThat(rules(body)).as(coding).isEmpty();
            }
        }
    }

    @Test
    void beyondTheScannedPartNothingIsDecoded() {
        var packed = Coded.of("gzip", text(3_000_000));
        var direction = new Direction(false, Action.Block, 100_000);
        try (var body = new CodedBody(List.of("gzip"), direction)) {
            feed(body, packed, 1000);
            assertThat(rules(body)).isEmpty();
            assertThat(direction.opened.getFirst().text.size()).isLessThan(200_000 + 200 * 1000);
            assertThat(body.clean()).isEqualTo(packed.length);
        }
    }

    @Test
    void whereSuchThingsOnlyWarnTheRestPasses() {
        var broken = joined(Arrays.copyOf(Coded.of("gzip", text(100_000)), 5000), new byte[5000]);
        try (var body = new CodedBody(List.of("gzip"), new Direction(false, Action.Warn, Long.MAX_VALUE))) {
            feed(body, broken, 500);
            assertThat(rules(body)).containsExactly("malformed-coding");
            assertThat(body.clean()).isEqualTo(broken.length);
        }
    }

    @Test
    void aBombThatIsOnlyWarnedAboutPassesThoughItWasNotDeclared() {
        var bomb = Coded.of("gzip", new byte[64 * 1024 * 1024]);
        try (var body = new CodedBody(List.of(), new Direction(true, Action.Warn, Long.MAX_VALUE))) {
            feed(body, bomb, 1000);
            assertThat(rules(body)).containsExactly("coding-ratio");
            assertThat(body.clean()).isEqualTo(bomb.length);
        }
    }

    @Test
    void aWindowLargerThanTheCodingMayUseIsRefused() throws Exception {
        var packed = new ByteArrayOutputStream();
        try (var out = new ZstdOutputStream(packed).setLong(27)) {
            out.write(text(1_000_000));
        }
        try (var body = new CodedBody(List.of("zstd"), Direction.response())) {
            feed(body, packed.toByteArray(), 1000);
            assertThat(rules(body)).containsExactly("malformed-coding");
        }
    }

    @Test
    void bytesThatDecodeToNothingAreNotHeldForever() {
        var skippable = new byte[8 + 4_000_000];
        ByteBuffer.wrap(skippable)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putInt(0x184D2A50)
                .putInt(4_000_000);
        try (var body = new CodedBody(List.of("zstd"), Direction.response())) {
            for (var i = 0; i < skippable.length; i += 50_000) {
                body.feed(ByteBuffer.wrap(skippable, i, Math.min(50_000, skippable.length - i)));
                assertThat(i - body.clean()).isLessThan(400_000);
            }
        }
    }

    @Test
    void noInputHangsOrBreaksTheScan() {
        var random = new Random(42);
        var seeds = new ArrayList<byte[]>();
        for (var coding : List.of("gzip", "deflate", "raw-deflate", "br", "zstd")) {
            seeds.add(Coded.of(coding, text(3000)));
        }
        seeds.add(new byte[0]);
        var headers = List.of(List.of("gzip"), List.of("deflate"), List.of("br"), List.of("zstd"), List.<String>of());
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
            for (var round = 0; round < 5000; round++) {
                var bytes = seeds.get(random.nextInt(seeds.size())).clone();
                for (var flips = random.nextInt(6); flips > 0 && bytes.length > 0; flips--) {
                    bytes[random.nextInt(Math.min(bytes.length, flips < 3 ? 32 : bytes.length))] =
                            (byte) random.nextInt();
                }
                bytes = Arrays.copyOf(bytes, Math.max(0, bytes.length + random.nextInt(20) - 10));
                try (var body = new CodedBody(headers.get(random.nextInt(headers.size())), Direction.request())) {
                    feed(body, bytes, 1 + random.nextInt(600));
                    assertThat(body.clean()).isBetween(0L, (long) bytes.length);
                }
            }
        });
    }
}
