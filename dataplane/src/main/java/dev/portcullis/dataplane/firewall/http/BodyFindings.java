package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;

/** Findings about a body as a whole, before or beside what is in it. */
final class BodyFindings {
    private BodyFindings() {}

    /**
     * A body whose coding cannot be undone, so that it cannot be scanned.
     *
     * @param what {@code request} or {@code response}
     * @param action what the policy does about findings in such a body
     */
    static Finding coding(String what, Action action) {
        return new Finding(
                ScannerName.COMPRESSION,
                what + "-coding",
                Severity.medium,
                action,
                "plaintext",
                "body",
                -1,
                "the " + what
                        + " body is compressed in a way that cannot be scanned: send it as gzip, deflate or plain",
                "");
    }
}
