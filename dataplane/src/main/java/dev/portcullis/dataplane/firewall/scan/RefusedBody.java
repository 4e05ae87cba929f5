package dev.portcullis.dataplane.firewall.scan;

import java.nio.ByteBuffer;
import java.util.List;

/** A body that cannot be read, for the reason that its finding gives. None of it is clean unless that only warns. */
final class RefusedBody implements BodyScan {
    private final Finding finding;
    private long fed;

    RefusedBody(Finding finding) {
        this.finding = finding;
    }

    @Override
    public void feed(ByteBuffer bytes) {
        fed += bytes.remaining();
        bytes.position(bytes.limit());
    }

    @Override
    public void finish() {}

    @Override
    public long clean() {
        return finding.action() == dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action.Block ? 0 : fed;
    }

    @Override
    public List<Finding> findings() {
        return List.of(finding);
    }
}
