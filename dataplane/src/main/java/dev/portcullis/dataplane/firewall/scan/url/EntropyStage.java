package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import dev.portcullis.dataplane.firewall.scan.match.Shannon;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Refuses path segments, query keys and query values that look random. Hashes, UUIDs and dates do not count. */
final class EntropyStage implements UrlStage {
    private final double most;
    private final int shortest;
    private final DomainSet exempt;

    EntropyStage(AgentPolicySpec.Entropy entropy) {
        most = Double.parseDouble(entropy.url());
        shortest = entropy.minLength();
        exempt = new DomainSet(entropy.exemptDomains());
    }

    @Override
    public void judge(Url url, boolean tunnel, Consumer<Finding> findings) {
        if (most == 0
                || tunnel
                || url.path().length() + url.query().length() < shortest
                || exempt.matches(url.host())) {
            return;
        }
        if (random(url.path(), "/")) {
            findings.accept(finding(url, "path"));
        } else if (random(url.query(), "&=;")) {
            findings.accept(finding(url, "query"));
        }
    }

    private boolean random(String text, String separators) {
        var start = 0;
        for (var i = 0; i <= text.length(); i++) {
            if (i == text.length() || separators.indexOf(text.charAt(i)) >= 0) {
                if (i - start >= shortest) {
                    var part = text.substring(start, i).getBytes(StandardCharsets.ISO_8859_1);
                    if (!Ordinary.looks(part) && Shannon.bits(part, 0, part.length) > most) {
                        return true;
                    }
                }
                start = i + 1;
            }
        }
        return false;
    }

    private Finding finding(Url url, String location) {
        return Refusal.of(
                ScannerName.ENTROPY,
                "url-entropy",
                Severity.medium,
                location,
                "a part of the " + location + " has more than " + most + " bits a character",
                "spec.entropy.exemptDomains: [\"" + url.host() + "\"]");
    }
}
