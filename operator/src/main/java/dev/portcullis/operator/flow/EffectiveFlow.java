package dev.portcullis.operator.flow;

import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.codec.ConfigException;
import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.resolve.Problem;
import dev.portcullis.crd.resolve.Resolution;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the pods of a FlowDetector should run now: its newest spec, or the last good one where that has a problem. Pure.
 *
 * @param config null when there is nothing the pods could run yet
 * @param secrets the Secret keys of the newest spec, or null when it was not accepted and those copied before stay
 * @param problems of the FlowDetector; empty when its newest spec was accepted
 */
record EffectiveFlow(@Nullable FlowConfig config, @Nullable Set<SecretKey> secrets, List<Problem> problems) {
    /** @param running the configuration in the ConfigMap, or null */
    static EffectiveFlow of(
            ResourceId detector, Resolution resolution, @Nullable String running, List<Problem> problems) {
        var resolved = problems.isEmpty() ? resolution.flows().get(detector) : null;
        if (resolved != null) {
            return new EffectiveFlow(resolved, resolution.secretRefs().get(detector), problems);
        }
        return new EffectiveFlow(read(running), null, problems);
    }

    private static @Nullable FlowConfig read(@Nullable String json) {
        if (json == null) {
            return null;
        }
        try {
            return ConfigCodec.readFlow(json.getBytes(StandardCharsets.UTF_8));
        } catch (ConfigException altered) {
            return null;
        }
    }
}
