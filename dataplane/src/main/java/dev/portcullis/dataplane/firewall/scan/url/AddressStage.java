package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.AddressRules;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.address.AddressTable;
import java.util.function.Consumer;

/** Judges hosts that are addresses, and names of cloud metadata. What other names resolve to is judged by the dialer. */
final class AddressStage implements UrlStage {
    private final AddressRules rules;

    AddressStage(AddressRules rules) {
        this.rules = rules;
    }

    @Override
    public void judge(Url url, boolean tunnel, Consumer<Finding> findings) {
        var address = url.address();
        if (address == null) {
            if (AddressTable.metadataName(url.host())) {
                findings.accept(metadata(url.host()));
            }
            return;
        }
        switch (rules.judge(address)) {
            case ALLOWED -> {}
            case METADATA -> findings.accept(metadata(address.getHostAddress()));
            case INTERNAL ->
                findings.accept(Refusal.of(
                        ScannerName.SSRF,
                        "internal-address",
                        Severity.high,
                        "host",
                        address.getHostAddress() + " is an internal address",
                        "spec.network.allowedRanges: [\"" + address.getHostAddress()
                                + (address.getAddress().length == 4 ? "/32" : "/128") + "\"]"));
        }
    }

    private static Finding metadata(String host) {
        return Refusal.of(
                ScannerName.SSRF,
                "cloud-metadata",
                Severity.critical,
                "host",
                host + " serves cloud credentials; no policy can allow it",
                "");
    }
}
