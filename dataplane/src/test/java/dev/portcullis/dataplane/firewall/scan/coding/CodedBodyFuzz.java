package dev.portcullis.dataplane.firewall.scan.coding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Fuzz target of compressed bodies: how they are coded, how they are cut, bytes. They decode to no more than they may,
 * to the same text however they are cut, save for line ends, and what is called clean was fed.
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
        var cut = new Counted();
        var broken = scan(codings, cut, input, 1 + (input[1] & 0xff) * 8);
        var whole = new Counted();
        assertThat(scan(codings, whole, input, input.length)).isEqualTo(broken);
        if (!broken) {
            assertThat(whole.sums()).isEqualTo(cut.sums());
        }
    }

    /** True where the body was refused. */
    private static boolean scan(List<String> codings, Counted direction, byte[] input, int piece) {
        var refused = false;
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
            refused = body.findings().stream().anyMatch(finding -> finding.action() == Action.Block);
            if (!refused) {
                assertThat(body.clean()).isEqualTo(input.length - 2L);
            }
        }
        var fed = input.length - 2L;
        // What a depth hands out in one piece before it is stopped, for each depth.
        var slack = ContentCoding.DEEPEST * 256L * 1024;
        assertThat(direction.bytes).isLessThanOrEqualTo(CodedBody.FREE + (1 + CodedBody.RATIO) * fed + slack);
        return refused;
    }

    /** Takes everything, refuses what is broken, and counts. */
    static final class Counted implements StrictBodies {
        private final List<CRC32C> sums = new ArrayList<>();
        private long bytes;

        private List<Long> sums() {
            return sums.stream()
                    .map(CRC32C::getValue)
                    .filter(sum -> sum != 0)
                    .sorted()
                    .toList();
        }

        @Override
        public BodyScan plain() {
            // The body as it came and each depth of it have scans of their own, which take turns as it is cut.
            var sum = new CRC32C();
            sums.add(sum);
            return new BodyScan() {
                private long fed;

                @Override
                public void feed(ByteBuffer piece) {
                    fed += piece.remaining();
                    bytes += piece.remaining();
                    while (piece.hasRemaining()) {
                        var next = piece.get();
                        if (next != '\n') {
                            // Which stands for what passes between archives, too.
                            sum.update(next);
                        }
                    }
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
    }
}
