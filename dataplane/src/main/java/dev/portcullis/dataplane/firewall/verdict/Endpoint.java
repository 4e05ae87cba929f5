package dev.portcullis.dataplane.firewall.verdict;

/** Which route a request took: the closed set of values of the label {@code endpoint}. */
public enum Endpoint {
    CONNECT("connect", Transport.CONNECT),
    /** A request inside an intercepted tunnel: its route is that of the tunnel. */
    INTERCEPT("connect", Transport.INTERCEPT),
    FORWARD("forward", Transport.HTTP),
    FETCH("fetch", Transport.HTTP),
    WS("ws", Transport.WEBSOCKET),
    MCP("mcp", Transport.MCP),
    SCAN_API("scan_api", Transport.SCAN_API),
    /** One of the reverse proxies, whose name is the route's. */
    REVERSE_PROXY("reverse_proxy", Transport.REVERSE_PROXY),
    OTHER("other", Transport.HTTP);

    private final String label;
    private final Transport transport;

    Endpoint(String label, Transport transport) {
        this.label = label;
        this.transport = transport;
    }

    /** The value on the wire. */
    public String label() {
        return label;
    }

    /** How requests of this route come in. */
    public Transport transport() {
        return transport;
    }
}
