package dev.portcullis.benchmarks.flow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** FlowDetectors to measure with, resolved as users' are. */
final class Detectors {
    private Detectors() {}

    /**
     * A detector of 10.0.0.0/8 and 2001:db8::/32.
     *
     * @param groups host groups, each with thresholds of its own and two prefixes
     */
    static FlowConfig withGroups(int groups) {
        var all = new ArrayList<Map<String, Object>>();
        for (var i = 0; i < groups; i++) {
            all.add(Map.of(
                    "name",
                    "group-" + i,
                    "prefixes",
                    List.of(
                            "10." + (i >>> 8) + "." + (i & 0xFF) + ".0/24",
                            "2001:db8:" + Integer.toHexString(i * 61 & 0xFFFF) + "::/48"),
                    "thresholds",
                    Map.of("packetsPerSecond", (1000 + i) + "M")));
        }
        Map<String, Object> spec = Map.of(
                "networks",
                List.of("10.0.0.0/8", "2001:db8::/32"),
                "thresholds",
                Map.of("packetsPerSecond", "1G", "bitsPerSecond", "1P", "flowsPerSecond", "1G"),
                "hostGroups",
                all,
                "api",
                Map.of("allowUnauthenticated", true));
        var id = new ResourceId("FlowDetector", "default", "benchmark");
        var resolution = Resolver.resolve(
                new ResourceSet(List.of(new Resource(id, Map.of(), null, tree(spec))), Set.of(), "default"));
        if (!resolution.problems().isEmpty()) {
            throw new IllegalStateException(resolution.problems().toString());
        }
        return resolution.flows().values().iterator().next();
    }

    private static JsonNode tree(Map<String, Object> spec) {
        try {
            var json = new ObjectMapper();
            return json.readTree(json.writeValueAsString(spec));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
