package dev.portcullis.crd.yaml;

import java.util.List;
import java.util.Map;

/** Texts and patterns of the CRD files that no record component can carry. */
final class Descriptions {
    /** What {@code kubectl explain} says of each kind. */
    static final Map<String, String> KINDS = Map.of(
            "AgentPolicy",
            "An egress firewall between the selected agents and the world: which names and addresses they may reach, what must not leave them, what is looked for in what comes back. The operator runs one proxy on every node for it.",
            "KillSwitch",
            "Stops every selected AgentPolicy: while engaged is true every request is refused with 503.",
            "FlowDetector",
            "Collectors of NetFlow, IPFIX and sFlow that recognise DDoS attacks on the protected networks.",
            "MitigationPolicy",
            "What is done about an attack that a FlowDetector found, what is never done, and the BGP routers that are told.");

    /** Quantities of bytes, bits and packets: no sign, nothing below one. */
    static final String QUANTITY = "^[0-9]{1,15}(\\.[0-9]{1,9})?([kMGTPE]|[KMGTPE]i)?$";

    /** Quantities as a container's resources have them. */
    static final String KUBERNETES_QUANTITY = "^[0-9]{1,15}(\\.[0-9]{1,9})?([numkMGTPE]|[KMGTPE]i|[eE][0-9]{1,2})?$";

    /** Names that leave room for what is appended to them in a Service's name (63 characters, RFC 1035). */
    static final String NAME = "^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$";

    static final String NAME_MESSAGE =
            "the name must be at most 50 lower-case letters, digits and dashes, a letter first: it becomes part of a Service's name";

    /** What messages and {@code kubectl explain} show for fields without a default, by kind and path. */
    static final Map<String, Map<String, Object>> EXAMPLES = Map.of(
            "AgentPolicy",
            Map.ofEntries(
                    Map.entry("spec", Map.of("mode", "Balanced")),
                    Map.entry("spec.connect.ports[]", 443),
                    Map.entry("spec.domains.allow[]", "*.example.com"),
                    Map.entry("spec.reverseProxies[].upstream", "http://tools.agents.svc:8080"),
                    Map.entry("spec.domains.block[]", "*.example.com"),
                    Map.entry("spec.network.trustedDomains[]", "tools.example.com"),
                    Map.entry("spec.dlp.classes[].name", "jwt"),
                    Map.entry("spec.injection.classes[].name", "role-override"),
                    Map.entry("spec.dlp.patterns[].name", "internal-ticket"),
                    Map.entry("spec.dlp.patterns[].regex", "TCK-[0-9]{6}"),
                    Map.entry("spec.limits.urlLength", 2048),
                    Map.entry("spec.limits.requestsPerMinutePerHost", 60),
                    Map.entry("spec.entropy.url", "4.5")),
            "FlowDetector",
            Map.of(
                    "spec.networks", List.of("203.0.113.0/24"),
                    "spec.networks[]", "203.0.113.0/24",
                    "spec.thresholds", Map.of("packetsPerSecond", "80k"),
                    "spec.hostGroups[].name", "dns",
                    "spec.hostGroups[].prefixes", List.of("203.0.113.53/32"),
                    "spec.hostGroups[].prefixes[]", "203.0.113.53/32",
                    "spec.exporters.allowed[]", "192.0.2.1",
                    "spec.exporters.overrides[].address", "192.0.2.1",
                    "spec.exporters.overrides[].samplingRate", 1000),
            "MitigationPolicy",
            Map.of(
                    "spec.whitelist[]", "203.0.113.1",
                    "spec.blackhole.communities[]", "65535:666",
                    "spec.bgp.localAsn", 65001,
                    "spec.bgp.routerId", "192.0.2.10",
                    "spec.bgp.neighbors[].name", "edge-1",
                    "spec.bgp.neighbors[].address", "192.0.2.254",
                    "spec.bgp.neighbors[].remoteAsn", 65000,
                    "spec.flowSpec.rate", "100M"),
            "KillSwitch",
            Map.of());

    /** The same for rates, wherever they are. */
    static final Map<String, String> RATES =
            Map.of("packetsPerSecond", "80k", "bitsPerSecond", "1G", "flowsPerSecond", "35k");

    private Descriptions() {}
}
