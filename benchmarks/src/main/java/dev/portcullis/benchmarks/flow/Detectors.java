package dev.portcullis.benchmarks.flow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.SocketException;
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
        return resolve(Map.of(
                "listeners",
                listeners(),
                "networks",
                List.of("10.0.0.0/8", "2001:db8::/32"),
                "thresholds",
                Map.of("packetsPerSecond", "1G", "bitsPerSecond", "1P", "flowsPerSecond", "1G"),
                "hostGroups",
                all,
                "api",
                Map.of("allowUnauthenticated", true)));
    }

    /** A detector of 10.0.0.0/8 with one limit, in packets a second. */
    static FlowConfig withLimit(String packetsPerSecond) {
        return resolve(Map.of(
                "listeners",
                listeners(),
                "networks",
                List.of("10.0.0.0/8"),
                "thresholds",
                Map.of("packetsPerSecond", packetsPerSecond),
                "api",
                Map.of("allowUnauthenticated", true)));
    }

    /** Ports that were free a moment ago. */
    private static Map<String, Object> listeners() {
        try (var netflow = new DatagramSocket();
                var sflow = new DatagramSocket()) {
            return Map.of(
                    "netflow", Map.of("port", netflow.getLocalPort()), "sflow", Map.of("port", sflow.getLocalPort()));
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FlowConfig resolve(Map<String, Object> spec) {
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
