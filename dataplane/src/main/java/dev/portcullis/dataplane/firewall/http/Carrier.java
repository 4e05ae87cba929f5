package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.FirewallParts;

/**
 * What a {@link ClientConnection} lives in: a socket of its own, or an intercepted tunnel, whose socket has another owner
 * and may carry many. Called on the connection's event loop.
 */
public interface Carrier {
    /** The connection begins. */
    void opened(ClientConnection connection);

    /** It is closed. */
    void closed(ClientConnection connection);

    /** Something passed, in either direction. */
    void touched();

    /** True where its channel is one stream of an HTTP/2 connection, which carries one request and ends as streams do. */
    boolean multiplexed();

    /** A socket of its own: registered while it is open, and counted for its client. */
    static Carrier socket(FirewallParts parts) {
        return new Carrier() {
            @Override
            public void opened(ClientConnection connection) {
                parts.live().register(connection);
            }

            @Override
            public void closed(ClientConnection connection) {
                parts.live().unregister(connection);
                parts.clients().close(connection.client());
            }

            @Override
            public void touched() {}

            @Override
            public boolean multiplexed() {
                return false;
            }
        };
    }
}
