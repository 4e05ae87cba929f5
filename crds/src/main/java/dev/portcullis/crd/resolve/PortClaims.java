package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;

/**
 * Who listens where. Resources claim in the order of their ids, so that the same one keeps a disputed port every time, and
 * also while it has other problems.
 *
 * <p>Resources from files share one machine and every port of it. In a cluster, agent policies dispute the ports of their
 * namespace, and flow detectors with {@code expose: HostPort} the ports of the nodes.
 */
final class PortClaims {
    private record Claim(String place, String protocol, int port) {}

    private record Holder(ResourceId id, String path) {}

    private final Map<Claim, Holder> claims = new HashMap<>();

    /** Claims the ports of {@code spec}, whose defaults are filled in. */
    void claim(Resource resource, JsonNode spec, Problems problems) {
        var local = resource.generation() == null;
        var id = resource.id();
        if (id.kind().equals(Kinds.AGENT_POLICY)) {
            var place = local ? "this machine" : "namespace " + id.namespace();
            claim(id, place, "TCP", spec.path("port"), "spec.port", problems);
            if (spec.at("/scanApi/enabled").asBoolean()) {
                claim(id, place, "TCP", spec.at("/scanApi/port"), "spec.scanApi.port", problems);
            }
            var reverse = spec.path("reverseProxies");
            for (var i = 0; i < reverse.size(); i++) {
                claim(id, place, "TCP", reverse.at("/" + i + "/port"), "spec.reverseProxies[" + i + "].port", problems);
            }
        } else if (id.kind().equals(Kinds.FLOW_DETECTOR)) {
            var listeners = spec.path("listeners");
            if (local || listeners.path("expose").asText().equals("HostPort")) {
                var place = local ? "this machine" : "every node";
                claim(id, place, "UDP", listeners.at("/netflow/port"), "spec.listeners.netflow.port", problems);
                claim(id, place, "UDP", listeners.at("/sflow/port"), "spec.listeners.sflow.port", problems);
                if (listeners.at("/ipfixTcp/enabled").asBoolean()) {
                    claim(id, place, "TCP", listeners.at("/ipfixTcp/port"), "spec.listeners.ipfixTcp.port", problems);
                }
            }
            if (local) {
                claim(id, "this machine", "TCP", spec.at("/api/port"), "spec.api.port", problems);
            }
        }
    }

    private void claim(ResourceId id, String place, String protocol, JsonNode port, String path, Problems problems) {
        if (!port.isInt()) {
            return;
        }
        var holder = claims.putIfAbsent(new Claim(place, protocol, port.intValue()), new Holder(id, path));
        if (holder != null && holder.id().equals(id) && !holder.path().equals(path)) {
            problems.add(
                    path,
                    ProblemReason.PortConflict,
                    protocol + " port " + port.intValue() + " is that of " + holder.path() + " too: write another");
        } else if (holder != null && !holder.id().equals(id)) {
            problems.add(
                    path,
                    ProblemReason.PortConflict,
                    protocol + " port " + port.intValue() + " of " + place + " is taken by " + holder.id() + " ("
                            + holder.path() + "), which keeps it: give " + id + " another port");
        }
    }
}
