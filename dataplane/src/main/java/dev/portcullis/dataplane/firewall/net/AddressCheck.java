package dev.portcullis.dataplane.firewall.net;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import java.net.InetAddress;
import java.util.List;

/** Judges the addresses a host resolved to. One bad address condemns the host: it may be a rebinding attempt. */
public final class AddressCheck {
    private AddressCheck() {}

    /** What is wrong with connecting to {@code host} at these addresses; empty when nothing is. */
    public static List<Finding> findings(FirewallPolicy policy, String host, List<InetAddress> addresses) {
        for (var address : addresses) {
            switch (policy.addresses().judge(address)) {
                case ALLOWED -> {}
                case METADATA -> {
                    return List.of(finding(
                            "cloud-metadata",
                            host + " leads to " + address.getHostAddress()
                                    + ", a cloud metadata address: those are never reached through this proxy",
                            ""));
                }
                case INTERNAL -> {
                    if (!policy.addresses().trusted(host)) {
                        return List.of(finding(
                                "internal-address",
                                host + " leads to the internal address " + address.getHostAddress(),
                                "network:\n  trustedDomains: [\"" + host + "\"]\n# or\nnetwork:\n  allowedRanges: [\""
                                        + address.getHostAddress()
                                        + (address.getAddress().length == 4 ? "/32" : "/128") + "\"]"));
                    }
                }
            }
        }
        return List.of();
    }

    private static Finding finding(String rule, String message, String hint) {
        return new Finding(
                ScannerName.SSRF, rule, Severity.high, Action.Block, "plaintext", "address", -1, message, hint);
    }
}
