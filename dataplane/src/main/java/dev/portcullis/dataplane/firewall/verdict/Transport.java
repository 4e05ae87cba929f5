package dev.portcullis.dataplane.firewall.verdict;

/** How a request came in: the closed set of values of the label {@code transport}. */
public enum Transport {
    HTTP("http"),
    CONNECT("connect"),
    INTERCEPT("intercept"),
    WEBSOCKET("websocket"),
    MCP("mcp"),
    REVERSE_PROXY("reverse_proxy"),
    SCAN_API("scan_api");

    private final String label;

    Transport(String label) {
        this.label = label;
    }

    /** The value on the wire. */
    public String label() {
        return label;
    }
}
