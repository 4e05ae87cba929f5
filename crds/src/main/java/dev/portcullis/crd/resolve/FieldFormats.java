package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.codec.JsonPath;
import java.util.List;
import java.util.Map;

/** Which fields hold what {@link Format}: one table. {@code []} stands for every item of a list. */
final class FieldFormats {
    /** A field and what it must hold. */
    record Field(String path, Format format) {}

    static final Map<String, List<Field>> TABLE = Map.of(
            Kinds.AGENT_POLICY,
            List.of(
                    new Field("domains.allow[]", Format.DOMAIN),
                    new Field("domains.block[]", Format.DOMAIN),
                    new Field("network.trustedDomains[]", Format.DOMAIN),
                    new Field("dlp.patterns[].exemptDomains[]", Format.DOMAIN),
                    new Field("dlp.classes[].exemptDomains[]", Format.DOMAIN),
                    new Field("injection.classes[].exemptDomains[]", Format.DOMAIN),
                    new Field("entropy.exemptDomains[]", Format.DOMAIN),
                    new Field("injection.exemptDomains[]", Format.DOMAIN),
                    new Field("tlsInterception.domains[]", Format.DOMAIN_OR_ALL),
                    new Field("tlsInterception.passthrough[]", Format.DOMAIN_OR_ALL),
                    new Field("tlsInterception.leafLifetime", Format.TIME_SPAN),
                    new Field("network.internalRanges[]", Format.CIDR),
                    new Field("network.allowedRanges[]", Format.CIDR),
                    new Field("killSwitch.exemptClientCidrs[]", Format.CIDR),
                    new Field("dlp.patterns[].regex", Format.REGEX),
                    new Field("limits.tunnelLifetime", Format.TIME_SPAN),
                    new Field("limits.idleTimeout", Format.TIME_SPAN),
                    new Field("limits.headerTimeout", Format.TIME_SPAN),
                    new Field("fetch.timeout", Format.TIME_SPAN),
                    new Field("crossRequest.entropyBudget.window", Format.TIME_SPAN),
                    new Field("crossRequest.fragments.window", Format.TIME_SPAN),
                    new Field("monitoring.podMonitor.interval", Format.TIME_SPAN)),
            Kinds.KILL_SWITCH,
            List.of(),
            Kinds.FLOW_DETECTOR,
            List.of(
                    new Field("networks[]", Format.CIDR),
                    new Field("hostGroups[].prefixes[]", Format.CIDR),
                    new Field("exporters.allowed[]", Format.ADDRESS_OR_CIDR),
                    new Field("exporters.overrides[].address", Format.ADDRESS),
                    new Field("hysteresis", Format.TIME_SPAN),
                    new Field("window.length", Format.TIME_SPAN),
                    new Field("window.tick", Format.TIME_SPAN),
                    new Field("monitoring.podMonitor.interval", Format.TIME_SPAN)),
            Kinds.MITIGATION_POLICY,
            List.of(
                    new Field("whitelist[]", Format.ADDRESS_OR_CIDR),
                    new Field("ban.ttl", Format.TIME_SPAN),
                    new Field("ban.window", Format.TIME_SPAN),
                    new Field("blackhole.nextHop", Format.IPV4_ADDRESS),
                    new Field("blackhole.nextHop6", Format.IPV6_ADDRESS),
                    new Field("bgp.routerId", Format.IPV4_ADDRESS),
                    new Field("bgp.holdTime", Format.TIME_SPAN),
                    new Field("bgp.neighbors[].address", Format.ADDRESS)));

    /** Longer texts are left to the schema, which bounds every field. */
    private static final int LONGEST = 4096;

    private FieldFormats() {}

    /** Checks every field of the table that {@code spec} has and that is text. */
    static void check(String kind, JsonNode spec, Problems problems) {
        for (var field : TABLE.getOrDefault(kind, List.of())) {
            walk(spec, "spec", field.path(), field.format(), problems);
        }
    }

    private static void walk(JsonNode node, String at, String rest, Format format, Problems problems) {
        if (rest.isEmpty()) {
            if (node.isTextual() && node.textValue().length() <= LONGEST) {
                var fault = format.fault(node.textValue());
                if (fault != null) {
                    problems.add(at, ProblemReason.InvalidValue, fault);
                }
            }
        } else if (rest.startsWith("[]")) {
            for (var i = 0; node.isArray() && i < node.size(); i++) {
                walk(node.path(i), JsonPath.item(at, i), rest.substring(2), format, problems);
            }
        } else {
            var path = rest.startsWith(".") ? rest.substring(1) : rest;
            var end = 0;
            while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
                end++;
            }
            var name = path.substring(0, end);
            walk(node.path(name), JsonPath.child(at, name), path.substring(end), format, problems);
        }
    }
}
