package dev.portcullis.dataplane.firewall.scanapi;

import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Scans texts one after the other, each by one set of rules. */
final class TextScan extends InputScan {
    private static final int STEP_BYTES = 32 * 1024;

    /**
     * A text and what looks at it.
     *
     * @param finding how a finding is told
     */
    record Pass(Supplier<BodyScan> scan, ByteBuffer text, Function<Finding, ScanFinding> finding) {}

    private final List<Pass> passes;
    private int at = -1;
    private BodyScan scan = NOTHING;
    private ByteBuffer rest = ByteBuffer.allocate(0);

    private static final BodyScan NOTHING = new BodyScan() {
        @Override
        public void feed(ByteBuffer bytes) {}

        @Override
        public void finish() {}

        @Override
        public long clean() {
            return 0;
        }

        @Override
        public List<Finding> findings() {
            return List.of();
        }
    };

    TextScan(List<Pass> passes) {
        this.passes = passes;
    }

    @Override
    Step step() {
        if (at < 0 || !rest.hasRemaining()) {
            if (++at == passes.size()) {
                return Step.DONE;
            }
            scan = passes.get(at).scan().get();
            rest = passes.get(at).text().duplicate();
        }
        var end = rest.limit();
        rest.limit(Math.min(end, rest.position() + STEP_BYTES));
        scan.feed(rest);
        rest.limit(end);
        if (!rest.hasRemaining()) {
            scan.finish();
            var tell = passes.get(at).finding();
            scan.findings().forEach(finding -> add(tell.apply(finding)));
            if (at + 1 == passes.size()) {
                return Step.DONE;
            }
        }
        return Step.AGAIN;
    }
}
