package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import io.netty.handler.codec.http.HttpContent;
import org.jspecify.annotations.Nullable;

/** One request and its reply on a client connection. Called on the connection's event loop. */
public interface Exchange {
    /** Begins; the head was read and is of this kind. */
    void start();

    /** True while it can take more of the request's body. */
    boolean wantsContent();

    /** Takes a part of the request's body, and its ownership. The last one is a LastHttpContent. */
    void content(HttpContent part);

    /**
     * What comes of the request's body cannot be read, so there will be no end of it: what was sent on must not look
     * complete.
     *
     * @param sentence what is wrong with it
     */
    void unreadable(String sentence);

    /** The client can take more, or no more, of the reply. */
    void clientWritabilityChanged();

    /** The client is gone. */
    void clientGone();

    /** Nothing went either way for the idle time. */
    void idle();

    /** Nothing new shall begin: end once what is in flight has ended. One request is all in flight. */
    default void drain() {}

    /** The policy or the kill switch changed: stop if this must no longer go on. */
    void recheck(@Nullable FirewallPolicy policy, @Nullable Engagement engagement);
}
