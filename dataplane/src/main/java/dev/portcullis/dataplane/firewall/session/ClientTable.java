package dev.portcullis.dataplane.firewall.session;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** How many connections each client address holds; an address without one takes no memory. Thread-safe. */
public final class ClientTable {
    private final ConcurrentMap<InetAddress, Integer> connections = new ConcurrentHashMap<>();

    /** Counts one more connection of {@code client} and returns how many it now holds. */
    public int open(InetAddress client) {
        return connections.merge(client, 1, Integer::sum);
    }

    /** Counts one connection of {@code client} less. */
    public void close(InetAddress client) {
        connections.computeIfPresent(client, (address, held) -> held > 1 ? held - 1 : null);
    }

    /** How many addresses hold a connection. */
    public int clients() {
        return connections.size();
    }
}
