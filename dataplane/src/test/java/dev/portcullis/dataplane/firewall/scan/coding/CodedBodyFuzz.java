package dev.portcullis.dataplane.firewall.scan.coding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Fuzz target of compressed bodies: how they are coded, how they are cut, bytes. They decode to no more than they may, and
 * what is called clean was fed.
 */
public final class CodedBodyFuzz {
    private static final List<List<String>> CODINGS = List.of(
            List.of("gzip"),
            List.of("deflate"),
            List.of("br"),
            List.of("zstd"),
            List.of(),
            List.of("gzip, zstd"),
            List.of("br", "gzip"),
            List.of("identity, x-gzip"));

    private CodedBodyFuzz() {}

    /** Tries one body. */
    public static void run(byte[] input) {
        if (input.length < 2) {
            return;
        }
        var codings = CODINGS.get((input[0] & 0xff) % CODINGS.size());
        var piece = 1 + (input[1] & 0xff) * 8;
        var direction = new Counted();
        try (var body = new CodedBody(codings, direction)) {
            var clean = 0L;
            for (var at = 2; at < input.length; ) {
                var take = Math.min(piece, input.length - at);
                body.feed(ByteBuffer.wrap(Arrays.copyOfRange(input, at, at + take)));
                at += take;
                assertThat(body.clean()).isBetween(clean, at - 2L);
                clean = body.clean();
            }
            body.finish();
            assertThat(body.clean()).isBetween(clean, input.length - 2L);
            if (body.findings().stream().noneMatch(finding -> finding.action() == Action.Block)) {
                assertThat(body.clean()).isEqualTo(input.length - 2L);
            }
        }
        var fed = input.length - 2L;
        // What a depth hands out in one piece before it is stopped, for each depth.
        var slack = ContentCoding.DEEPEST * 256L * 1024;
        assertThat(direction.bytes).isLessThanOrEqualTo(CodedBody.FREE + (1 + CodedBody.RATIO) * fed + slack);
    }

    private static final class Counted implements Bodies {
        private long bytes;

        @Override
        public BodyScan plain() {
            return new BodyScan() {
                private long fed;

                @Override
                public void feed(ByteBuffer piece) {
                    fed += piece.remaining();
                    bytes += piece.remaining();
                    piece.position(piece.limit());
                }

                @Override
                public void finish() {}

                @Override
                public long clean() {
                    return fed;
                }

                @Override
                public List<Finding> findings() {
                    return List.of();
                }
            };
        }

        @Override
        public boolean scansCoded() {
            return true;
        }

        @Override
        public boolean unpacksArchives() {
            return true;
        }

        @Override
        public long limit() {
            return Long.MAX_VALUE;
        }

        @Override
        public Finding unknownCoding() {
            return brokenCoding("unknown-coding", "");
        }

        @Override
        public Finding brokenCoding(String rule, String what) {
            return new Finding(
                    ScannerName.COMPRESSION, rule, Severity.high, Action.Block, "plaintext", "body", 0, what, "");
        }
    }
}
