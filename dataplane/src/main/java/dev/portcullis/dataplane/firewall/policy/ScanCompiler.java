package dev.portcullis.dataplane.firewall.policy;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.dataplane.firewall.scan.AddressRules;
import dev.portcullis.dataplane.firewall.scan.KnownValue;
import dev.portcullis.dataplane.firewall.scan.RequestScanner;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.util.List;

/** Compiles the scan stages of a policy. */
@FunctionalInterface
public interface ScanCompiler {
    /** The stages of one policy. */
    record Stages(RequestScanner scanner, AddressRules addresses) {}

    /**
     * Compiles the stages of {@code spec}.
     *
     * @param known the values of {@code spec.dlp.known} and {@code spec.dlp.canaries}, in that order; not changed
     * @throws IllegalArgumentException with a sentence that names the field that cannot be compiled
     */
    Stages compile(AgentPolicySpec spec, List<KnownValue> known);

    /** The stages of this build. */
    static ScanCompiler standard() {
        return (spec, known) -> {
            var engine = ScanEngine.compile(spec, known);
            return new Stages(engine, engine.addresses());
        };
    }
}
