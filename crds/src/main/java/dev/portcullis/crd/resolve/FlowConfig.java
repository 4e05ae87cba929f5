package dev.portcullis.crd.resolve;

import dev.portcullis.crd.v1alpha1.FlowDetectorSpec;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one flow detector runs: its spec and the specs of every MitigationPolicy that it or its host groups refer to, all
 * defaults filled in. Immutable.
 *
 * @param schemaVersion {@link #SCHEMA_VERSION} of the writer; a reader refuses a newer one
 * @param mitigationPolicies by name
 * @param revision the first 16 hex digits of the SHA-256 of everything else here
 */
public record FlowConfig(
        int schemaVersion,
        String namespace,
        String name,
        FlowDetectorSpec spec,
        Map<String, MitigationPolicySpec> mitigationPolicies,
        String revision) {
    /** Version of this shape. */
    public static final int SCHEMA_VERSION = 1;

    public FlowConfig {
        mitigationPolicies = Collections.unmodifiableMap(new TreeMap<>(mitigationPolicies));
    }
}
