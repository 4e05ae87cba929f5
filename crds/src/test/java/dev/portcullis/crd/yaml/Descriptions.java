package dev.portcullis.crd.yaml;

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

    private Descriptions() {}
}
