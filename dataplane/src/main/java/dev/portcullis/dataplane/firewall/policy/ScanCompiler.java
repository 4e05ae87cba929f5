package dev.portcullis.dataplane.firewall.policy;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.dataplane.firewall.scan.AddressRules;
import dev.portcullis.dataplane.firewall.scan.KnownValue;
import dev.portcullis.dataplane.firewall.scan.RequestScanner;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.util.ArrayList;
import java.util.List;

/** Compiles the scan stages of a policy. */
@FunctionalInterface
public interface ScanCompiler {
    /** The stages of one policy. */
    record Stages(RequestScanner scanner, AddressRules addresses) {}

    /**
     * Compiles the stages of {@code spec}.
     *
     * @param known the values of {@code spec.dlp.known}, in that order
     * @throws IllegalArgumentException with a sentence that names the field that cannot be compiled
     */
    Stages compile(AgentPolicySpec spec, List<byte[]> known);

    /** The scan engine of this build. */
    static ScanCompiler engine() {
        return (spec, known) -> {
            var named = new ArrayList<KnownValue>();
            for (var i = 0; i < known.size(); i++) {
                var ref = spec.dlp().known().get(i).secretKeyRef();
                named.add(new KnownValue(ref.name() + "/" + ref.key(), known.get(i)));
            }
            var engine = ScanEngine.compile(spec, named);
            return new Stages(engine, engine.addresses());
        };
    }
}
