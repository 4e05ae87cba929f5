package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;

/** Makes the finding for a body that cannot be read, so that nobody knows what is in it. */
@FunctionalInterface
interface Unreadable {
    /** The finding, where {@code what} goes on from "the body". */
    Finding finding(ScannerName scanner, String rule, String what);

    /**
     * A finding.
     *
     * @param side {@code request} or {@code response}
     */
    static Finding finding(ScannerName scanner, String rule, String side, String what, Action action) {
        return new Finding(
                scanner,
                rule,
                Severity.medium,
                action,
                "plaintext",
                "body",
                -1,
                "the " + side + " body cannot be scanned, because it " + what,
                "");
    }
}
