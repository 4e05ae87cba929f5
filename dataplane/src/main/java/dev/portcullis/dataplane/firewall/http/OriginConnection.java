package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.net.UpstreamConnection;
import dev.portcullis.dataplane.firewall.net.UpstreamConnector;
import dev.portcullis.dataplane.firewall.net.UpstreamPool;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What one exchange has of its origin: a connection, opened when it is first wanted, once more where nothing is lost by it,
 * and left to others where all went well. Belongs to one event loop.
 */
final class OriginConnection {
    private final ClientConnection connection;
    private final FirewallParts parts;
    private final UpstreamPool.Origin origin;
    private @Nullable UpstreamConnection upstream;
    private boolean opening;
    private boolean reused;
    private boolean retried;

    OriginConnection(ClientConnection connection, FirewallParts parts, FirewallPolicy policy, RequestTarget target) {
        this.connection = connection;
        this.parts = parts;
        this.origin =
                new UpstreamPool.Origin(target.host(), target.port(), target.secure() ? policy.upstreamTls() : null);
    }

    /** Has {@code wish} granted, unless it was asked for already. */
    void open(UpstreamConnector.Wish wish) {
        if (opening) {
            return;
        }
        opening = true;
        // Towards the origin HTTP/2 is spoken where the client does: it asked for its streams, trailers and order of
        // frames.
        parts.upstreams()
                .of(connection.loop())
                .connector()
                .open(origin, parts.dialer(), connection.multiplexed(), retried, wish);
    }

    /**
     * There is a connection.
     *
     * @param carriedBefore whether it carried exchanges before
     */
    void opened(UpstreamConnection opened, boolean carriedBefore) {
        reused = carriedBefore;
        upstream = opened;
    }

    /** The connection; null before there is one and after it is gone. */
    @Nullable
    UpstreamConnection open() {
        return upstream;
    }

    /** The address of the origin; null before there is a connection to it. */
    @Nullable
    InetAddress reached() {
        return upstream == null ? null : upstream.address();
    }

    /** Reads on, where there is something to read from. */
    void read() {
        if (upstream != null) {
            upstream.read();
        }
    }

    /**
     * The connection broke before a reply began: makes {@code request} ready for another and says so, or says that it failed.
     * It may be sent again where the origin closed an idle connection while the request was on its way (RFC 9110 section
     * 9.2.2), another exchange broke the connection, or the origin said that it would not look at it (RFC 9113 section 8.7).
     */
    boolean retries(ForwardedRequest request) {
        var from = upstream;
        var unprocessed = from != null && from.unprocessed() && request.rewindable();
        var bystander = from != null && (from.multiplexed() ? from.failedWithOthers() : reused);
        upstream = null;
        if (retried || !unprocessed && !(bystander && request.repeatable())) {
            return false;
        }
        retried = true;
        opening = false;
        request.rewind();
        return true;
    }

    /** Hands the connection on to whoever carries on with it. */
    @Nullable
    UpstreamConnection release() {
        var from = upstream;
        upstream = null;
        return from;
    }

    /** Leaves the connection to the next exchange. */
    void keep() {
        var from = release();
        if (from != null) {
            parts.upstreams().of(connection.loop()).put(origin, from);
        }
    }

    /** Closes it because nothing came over it. */
    void distrust() {
        if (upstream != null) {
            upstream.distrust();
        }
    }

    /** Closes it, where it is still here. */
    void close() {
        var from = release();
        if (from != null) {
            from.close();
        }
    }
}
