package dev.portcullis.operator.resource;

import java.util.Locale;

/** What a data-plane pod does. */
public enum Role {
    /** The egress firewall of an AgentPolicy. */
    FIREWALL,
    /** The collector of a FlowDetector. */
    FLOW;

    /** Value of the component label, first argument of the process, and suffix of object names. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Name of the main objects of the resource {@code name}. */
    public String objectName(String name) {
        return name + "-" + label();
    }
}
