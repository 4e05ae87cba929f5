package dev.portcullis.dataplane.firewall;

import java.util.Map;

/**
 * The TCP ports a firewall opens; 0 takes any free one.
 *
 * @param scanApi port of the scan API, {@link #NONE} where it is not opened
 * @param reverseProxies port of each reverse proxy by its name
 */
public record FirewallPorts(int proxy, int scanApi, Map<String, Integer> reverseProxies) {
    public FirewallPorts {
        reverseProxies = Map.copyOf(reverseProxies);
    }

    /** No port. */
    public static final int NONE = -1;

    /** The proxy's port alone. */
    public static FirewallPorts proxy(int port) {
        return new FirewallPorts(port, NONE, Map.of());
    }
}
