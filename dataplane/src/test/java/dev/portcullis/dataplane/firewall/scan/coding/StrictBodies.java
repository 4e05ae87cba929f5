package dev.portcullis.dataplane.firewall.scan.coding;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;

/** Bodies as tests have them, unless they say otherwise: looked through as they are and in archives, without a limit; what cannot be read is refused. */
interface StrictBodies extends Bodies {
    /** What is done with a body that cannot be decoded. */
    default Action action() {
        return Action.Block;
    }

    @Override
    default boolean scansCoded() {
        return true;
    }

    @Override
    default boolean unpacksArchives() {
        return true;
    }

    @Override
    default long limit() {
        return Long.MAX_VALUE;
    }

    @Override
    default Finding unknownCoding() {
        return finding("unknown-coding", Action.Block, "it is of a coding that nobody knows");
    }

    @Override
    default Finding brokenCoding(String rule, String what) {
        return finding(rule, action(), what);
    }

    /** A finding of {@code rule}. */
    static Finding finding(String rule, Action action, String what) {
        return new Finding(ScannerName.COMPRESSION, rule, Severity.medium, action, "plaintext", "body", -1, what, "");
    }

    /** The refusal of an archive in messages. */
    static Finding refused(String rule, String what) {
        return finding(rule, Action.Block, what);
    }
}
