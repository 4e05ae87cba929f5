package dev.portcullis.dataplane.firewall.scan.url;

import com.google.common.net.InternetDomainName;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import dev.portcullis.dataplane.firewall.scan.match.Shannon;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Refuses host names whose labels below the registrable domain look random: data leaves in DNS queries too. */
final class SubdomainEntropyStage implements UrlStage {
    private static final int SHORTEST = 8;

    private final double most;
    private final DomainSet exempt;

    SubdomainEntropyStage(AgentPolicySpec.Entropy entropy) {
        most = Double.parseDouble(entropy.subdomain());
        exempt = new DomainSet(entropy.exemptDomains());
    }

    @Override
    public void judge(Url url, boolean tunnel, Consumer<Finding> findings) {
        if (most == 0 || url.address() != null) {
            return;
        }
        var host = url.host();
        var start = 0;
        for (var dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', start)) {
            if (dot - start >= SHORTEST) {
                var label = host.substring(start, dot).getBytes(StandardCharsets.ISO_8859_1);
                if (Shannon.bits(label, 0, label.length) > most
                        && !Ordinary.looks(label)
                        && dot < host.length() - registrable(host)
                        && !exempt.matches(host)) {
                    findings.accept(Refusal.of(
                            ScannerName.SUBDOMAIN_ENTROPY,
                            "subdomain-entropy",
                            Severity.medium,
                            "host",
                            "a label of the host name has more than " + most + " bits a character",
                            "spec.entropy.exemptDomains: [\"" + host + "\"]"));
                    return;
                }
            }
            start = dot + 1;
        }
    }

    /** Characters of the registrable domain, by the public suffix list; of the last two labels where it knows none. */
    private static int registrable(String host) {
        if (InternetDomainName.isValid(host)) {
            var name = InternetDomainName.from(host);
            if (name.isUnderPublicSuffix()) {
                return name.topPrivateDomain().toString().length();
            }
        }
        var last = host.lastIndexOf('.');
        return host.length() - 1 - host.lastIndexOf('.', last - 1);
    }
}
