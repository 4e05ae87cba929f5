package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import java.util.function.Consumer;

/** The block list always, and in mode Strict the allow list. */
final class DomainStage implements UrlStage {
    private final DomainSet allow;
    private final DomainSet block;
    private final boolean strict;

    DomainStage(AgentPolicySpec spec) {
        allow = new DomainSet(spec.domains().allow());
        block = new DomainSet(spec.domains().block());
        strict = spec.mode() == AgentPolicySpec.Mode.Strict;
    }

    @Override
    public void judge(Url url, boolean tunnel, Consumer<Finding> findings) {
        var host = url.host();
        if (block.matches(host)) {
            findings.accept(Refusal.of(
                    ScannerName.DOMAIN,
                    "block-list",
                    Severity.medium,
                    "host",
                    "the policy's block list has " + host,
                    "remove the entry that covers \"" + host + "\" from spec.domains.block"));
        } else if (strict && !allow.matches(host)) {
            findings.accept(Refusal.of(
                    ScannerName.DOMAIN,
                    "allow-list",
                    Severity.medium,
                    "host",
                    "the policy is Strict and its allow list does not have " + host,
                    "spec.domains.allow: [\"" + host + "\"]"));
        }
    }
}
