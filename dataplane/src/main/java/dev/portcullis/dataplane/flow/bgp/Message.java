package dev.portcullis.dataplane.flow.bgp;

import org.jspecify.annotations.Nullable;

/** What a neighbour says (RFC 4271 section 4). */
sealed interface Message
        permits Open, Message.Update, Notification, Message.Keepalive, Message.RouteRefresh, Malformed {
    /** A KEEPALIVE (RFC 4271 section 4.4). */
    record Keepalive() implements Message {}

    /** An UPDATE (RFC 4271 section 4.3) whose lengths hold; this speaker learns no routes, so its content is not kept. */
    record Update() implements Message {}

    /**
     * A ROUTE-REFRESH (RFC 2918): say it all again.
     *
     * @param family null for one this speaker does not know
     */
    record RouteRefresh(@Nullable AddressFamily family) implements Message {}
}
