package dev.portcullis.dataplane.firewall.net;

import dev.portcullis.dataplane.firewall.FirewallParts;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a new connection to any of the firewall's HTTP listeners is held to.
 *
 * @param headerBytes the largest head of a request
 * @param overLimit true where its client holds more connections than the policy allows: it is told so
 */
record ConnectionBounds(int headerBytes, boolean overLimit) {
    /** Held to before there is a policy. */
    private static final int HEADER_BYTES = 64 * 1024;

    private static final int CONNECTIONS = 256;

    /**
     * Counts a connection of its client. One that holds more than twice what it may is closed at once, since even telling it
     * so would cost more than it may have: then null.
     */
    static @Nullable ConnectionBounds admit(FirewallParts parts, Channel channel) {
        var policy = parts.policies().get();
        var client = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        var limit = policy == null ? CONNECTIONS : policy.limits().connectionsPerClient();
        var held = parts.clients().open(client);
        if (held > 2 * limit) {
            parts.clients().close(client);
            parts.metrics().connectionRefused();
            channel.close();
            return null;
        }
        return new ConnectionBounds(headerBytes(parts), held > limit);
    }

    /** The largest head of a request by the policy in force. */
    static int headerBytes(FirewallParts parts) {
        var policy = parts.policies().get();
        return policy == null ? HEADER_BYTES : policy.limits().headerBytes();
    }
}
