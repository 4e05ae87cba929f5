package dev.portcullis.dataplane.firewall.scan;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A body that is read in two ways, because whoever gets it may read it in either: a byte order mark or a label is only a
 * claim. Clean is what is clean in both.
 */
final class BothReadings implements BodyScan {
    private final BodyScan first;
    private final BodyScan second;

    /**
     * A scan.
     *
     * @param first whose findings hide those of the same rule in {@code second}
     */
    BothReadings(BodyScan first, BodyScan second) {
        this.first = first;
        this.second = second;
    }

    @Override
    public void feed(ByteBuffer bytes) {
        second.feed(bytes.duplicate());
        first.feed(bytes);
    }

    @Override
    public void finish() {
        first.finish();
        second.finish();
    }

    @Override
    public long clean() {
        return Math.min(first.clean(), second.clean());
    }

    @Override
    public List<Finding> findings() {
        var more = second.findings();
        if (more.isEmpty()) {
            return first.findings();
        }
        var all = new ArrayList<>(first.findings());
        for (var finding : more) {
            if (all.stream().noneMatch(known -> known.rule().equals(finding.rule()))) {
                all.add(finding);
            }
        }
        return all;
    }
}
