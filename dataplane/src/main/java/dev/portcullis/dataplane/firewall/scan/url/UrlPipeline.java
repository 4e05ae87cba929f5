package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.AddressRules;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.SecretPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The stages a URL passes, in this order: length, scheme, crlf, parser, path_traversal, domain, ssrf, core_dlp and dlp,
 * entropy, subdomain_entropy. Immutable, any thread.
 */
public final class UrlPipeline {
    private final LengthStage length;
    private final SchemeStage scheme = new SchemeStage();
    private final CrlfStage crlf = new CrlfStage();
    private final SecretStage secrets;
    private final UrlStage[] stages;

    /** Compiles the stages of {@code spec}. */
    public UrlPipeline(AgentPolicySpec spec, AddressRules addresses, SecretPolicy secrets) {
        length = new LengthStage(spec.limits().urlLength());
        this.secrets = new SecretStage(secrets);
        stages = new UrlStage[] {
            new PathTraversalStage(),
            new DomainStage(spec),
            new AddressStage(addresses),
            this.secrets,
            new EntropyStage(spec.entropy()),
            new SubdomainEntropyStage(spec.entropy())
        };
    }

    /** Every finding up to the first that blocks. */
    public List<Finding> judge(String text, boolean tunnel) {
        var early = length.judge(text);
        if (early == null) {
            early = scheme.judge(text);
        }
        if (early == null) {
            early = crlf.judge(text);
        }
        if (early != null) {
            return List.of(early);
        }
        var url = Url.parse(text);
        if (url == null) {
            return List.of(unreadable());
        }
        var findings = new ArrayList<Finding>(2);
        Consumer<Finding> unlessBlocked = finding -> {
            if (!blocked(findings)) {
                findings.add(finding);
            }
        };
        for (var stage : stages) {
            stage.judge(url, tunnel, unlessBlocked);
            if (blocked(findings)) {
                break;
            }
        }
        return findings;
    }

    /** Every secret in path and query, whatever else is wrong with them. */
    public List<Finding> secrets(String pathAndQuery, String host) {
        var url = Url.parse("http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + pathAndQuery);
        if (url == null) {
            return List.of(unreadable());
        }
        var findings = new ArrayList<Finding>(1);
        secrets.judge(url, false, findings::add);
        return findings;
    }

    private static Finding unreadable() {
        return Refusal.of(
                ScannerName.PARSER,
                "url-syntax",
                Severity.medium,
                "url",
                "the URL has no host that every reader would agree on",
                "");
    }

    private static boolean blocked(List<Finding> findings) {
        return !findings.isEmpty() && findings.getLast().action() == Action.Block;
    }
}
