package dev.portcullis.dataplane.firewall.scan;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Two scans of one body: clean is what both say is clean. */
public final class BothScans implements BodyScan {
    private final BodyScan one;
    private final BodyScan other;
    private final List<Finding> findings = new ArrayList<>(2);
    private int ofOne;
    private int ofOther;

    public BothScans(BodyScan one, BodyScan other) {
        this.one = one;
        this.other = other;
    }

    @Override
    public void feed(ByteBuffer bytes) {
        one.feed(bytes.duplicate());
        other.feed(bytes);
    }

    @Override
    public void finish() {
        one.finish();
        other.finish();
    }

    @Override
    public long clean() {
        return Math.min(one.clean(), other.clean());
    }

    @Override
    public List<Finding> findings() {
        var first = one.findings();
        findings.addAll(first.subList(ofOne, first.size()));
        ofOne = first.size();
        var second = other.findings();
        findings.addAll(second.subList(ofOther, second.size()));
        ofOther = second.size();
        return findings;
    }
}
