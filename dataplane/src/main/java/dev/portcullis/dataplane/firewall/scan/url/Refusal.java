package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;

/** Findings about a URL as a whole, which always block. */
final class Refusal {
    private Refusal() {}

    static Finding of(
            ScannerName scanner, String rule, Severity severity, String location, String message, String hint) {
        return new Finding(scanner, rule, severity, Action.Block, "plaintext", location, -1, message, hint);
    }
}
