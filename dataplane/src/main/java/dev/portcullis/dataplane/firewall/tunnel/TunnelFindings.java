package dev.portcullis.dataplane.firewall.tunnel;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import java.util.List;
import java.util.TreeSet;

/** Findings about a tunnel as such. */
public final class TunnelFindings {
    private TunnelFindings() {}

    /** What the rules for tunnels say to {@code port}. */
    static List<Finding> rules(FirewallPolicy.Connect connect, int port) {
        if (!connect.enabled()) {
            return List.of(finding(
                    ScannerName.DOMAIN,
                    "connect-disabled",
                    "this policy allows no CONNECT tunnels",
                    "connect:\n  enabled: true"));
        }
        if (!connect.ports().isEmpty() && !connect.ports().contains(port)) {
            var ports = new TreeSet<>(connect.ports());
            var allowed = ports.toString();
            ports.add(port);
            return List.of(finding(
                    ScannerName.DOMAIN,
                    "connect-port",
                    "CONNECT to port " + port + " is not allowed, only to " + allowed,
                    "connect:\n  ports: " + ports));
        }
        return List.of();
    }

    /** More tunnels than allowed. */
    static Finding tooMany(int limit) {
        return finding(
                ScannerName.RATELIMIT,
                "tunnels",
                "more than " + limit + " tunnels are open",
                "limits:\n  tunnels: " + (long) limit * 2);
    }

    /**
     * A TLS server name that is not the CONNECT host.
     *
     * @param encrypted whether the client encrypts the name it means
     */
    public static Finding serverName(SniOutcome outcome, boolean encrypted, String host) {
        var what =
                switch (outcome) {
                    case MISMATCH ->
                        "the TLS server name is not " + host
                                + (encrypted
                                        ? ": the client encrypts the name it means (Encrypted Client Hello) and shows only"
                                                + " the name of the server that decrypts it; turn that off in the client"
                                        : "");
                    case TIMEOUT -> "no TLS ClientHello came in time";
                    default -> "the TLS ClientHello cannot be read";
                };
        return finding(
                ScannerName.DOMAIN,
                "sni-" + outcome.label(),
                what + ", so the tunnel to " + host + " is closed",
                "connect:\n  verifySni: false");
    }

    /** Something else than TLS in a tunnel that is to be intercepted. */
    public static Finding notTls(String host) {
        return finding(
                ScannerName.DOMAIN,
                "not-tls",
                "what the client sends to " + host + " is not TLS, so it cannot be looked into",
                "tlsInterception:\n  passthrough: [\"" + host + "\"]");
    }

    private static Finding finding(ScannerName scanner, String rule, String message, String hint) {
        return new Finding(scanner, rule, Severity.medium, Action.Block, "plaintext", "target", -1, message, hint);
    }
}
