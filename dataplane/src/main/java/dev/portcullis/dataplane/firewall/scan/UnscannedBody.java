package dev.portcullis.dataplane.firewall.scan;

import java.nio.ByteBuffer;
import java.util.List;

/** A body of a type that is not scanned; only its size counts. */
final class UnscannedBody implements BodyScan {
    private final BodyWindow.Judge judge;
    private final long limit;
    private long fed;
    private List<Finding> findings = List.of();

    UnscannedBody(BodyWindow.Judge judge, long limit) {
        this.judge = judge;
        this.limit = limit;
    }

    @Override
    public void feed(ByteBuffer bytes) {
        fed += bytes.remaining();
        bytes.position(bytes.limit());
        if (fed > limit && findings.isEmpty()) {
            var refusal = judge.oversize(limit);
            findings = refusal == null ? List.of() : List.of(refusal);
        }
    }

    @Override
    public void finish() {}

    @Override
    public long clean() {
        return findings.isEmpty() ? fed : Math.min(fed, limit);
    }

    @Override
    public List<Finding> findings() {
        return findings;
    }
}
