package dev.portcullis.dataplane.firewall;

/**
 * The TCP ports a firewall opens; 0 takes any free one.
 *
 * @param scanApi port of the scan API, {@link #NONE} where it is not opened
 */
public record FirewallPorts(int proxy, int scanApi) {
    /** No port. */
    public static final int NONE = -1;

    /** The proxy's port alone. */
    public static FirewallPorts proxy(int port) {
        return new FirewallPorts(port, NONE);
    }
}
