package dev.portcullis.dataplane.firewall.policy;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.dataplane.firewall.scan.AddressRules;
import dev.portcullis.dataplane.firewall.scan.RequestScanner;
import java.util.List;

/** Compiles the scan stages of a policy. */
public interface ScanEngine {
    /**
     * Compiles the stages of {@code spec}.
     *
     * @param known the values of {@code spec.dlp.known}, in that order
     * @throws IllegalArgumentException with a sentence that says what cannot be compiled
     */
    RequestScanner scanner(AgentPolicySpec spec, List<byte[]> known);

    /**
     * Compiles the address rules of {@code network}.
     *
     * @throws IllegalArgumentException with a sentence that says what cannot be compiled
     */
    AddressRules addresses(AgentPolicySpec.Network network);
}
