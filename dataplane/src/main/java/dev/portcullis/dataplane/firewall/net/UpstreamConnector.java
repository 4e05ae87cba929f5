package dev.portcullis.dataplane.firewall.net;

import dev.portcullis.dataplane.metrics.FirewallMetrics.UpstreamError;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/**
 * Finds or opens the connections of exchanges to origins, on one event loop. Clients that speak HTTP/2 get a stream of one
 * where the origin speaks it, too: exchanges of a client that ask while its first such connection to an origin is being opened
 * wait for it, so that a burst of streams does not become a burst of handshakes. All others get HTTP/1.1.
 */
public final class UpstreamConnector {
    /** An exchange that wants a connection. Called on the event loop. */
    public interface Wish {
        /** False once it is over; nothing more is told it then. */
        boolean stands();

        /** Whose it is: clients do not share connections that carry several exchanges at a time. */
        InetAddress client();

        /** True where its policy takes {@code addresses}; nothing is reported. */
        boolean takes(List<InetAddress> addresses);

        /** The addresses that would be tried; false gives up silently. */
        boolean resolved(List<InetAddress> addresses);

        /**
         * There is a connection.
         *
         * @param reused whether it carried exchanges before, so that the origin may be closing it
         */
        void opened(UpstreamConnection connection, boolean reused);

        /** There is no connection. */
        void openFailed(UpstreamError error, String message);
    }

    private static final int REMEMBERED = 512;

    private final EventLoop loop;
    private final UpstreamPool pool;
    private final Map<UpstreamPool.Shared, Queue<Wish>> waiting = new HashMap<>();

    /** Origins that were offered HTTP/2 and took HTTP/1.1; the one seen longest ago is forgotten first. */
    private final Set<UpstreamPool.Origin> onlyHttp1 = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UpstreamPool.Origin, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    });

    UpstreamConnector(EventLoop loop, UpstreamPool pool) {
        this.loop = loop;
        this.pool = pool;
    }

    /**
     * Grants {@code wish}, now or later.
     *
     * @param multiplexed whether HTTP/2 is wanted where the origin has it
     * @param fresh whether a connection that is open already will not do
     */
    public void open(UpstreamPool.Origin origin, Dialer dialer, boolean multiplexed, boolean fresh, Wish wish) {
        if (multiplexed && origin.tls() != null) {
            openMultiplexed(origin, dialer, fresh, wish);
            return;
        }
        var idle = fresh ? null : pool.take(origin, wish::takes);
        if (idle != null) {
            wish.opened(idle, true);
        } else {
            dial(origin, dialer, false, wish);
        }
    }

    private void openMultiplexed(UpstreamPool.Origin origin, Dialer dialer, boolean fresh, Wish wish) {
        var shared = new UpstreamPool.Shared(origin, wish.client());
        if (!fresh) {
            var open = pool.withRoom(shared, wish::takes);
            if (open != null) {
                stream(open, true, wish);
                return;
            }
        }
        if (onlyHttp1.contains(origin)) {
            // It is offered HTTP/2 each time all the same, and nobody waits for the answer.
            var idle = fresh ? null : pool.take(origin, wish::takes);
            if (idle != null) {
                wish.opened(idle, true);
            } else {
                dial(origin, dialer, true, wish);
            }
            return;
        }
        var others = waiting.get(shared);
        if (others != null && !fresh) {
            others.add(wish);
        } else {
            if (others == null) {
                waiting.put(shared, new ArrayDeque<>());
            }
            dial(origin, dialer, true, wish);
        }
    }

    private void stream(UpstreamHttp2 connection, boolean reused, Wish wish) {
        connection.open(stream -> {
            if (stream == null) {
                wish.openFailed(UpstreamError.RESET, "the origin takes no further stream");
            } else if (wish.stands()) {
                wish.opened(stream, reused);
            } else {
                stream.close();
            }
        });
    }

    private void dial(UpstreamPool.Origin origin, Dialer dialer, boolean multiplexed, Wish wish) {
        var shared = new UpstreamPool.Shared(origin, wish.client());
        dialer.open(loop, origin.host(), origin.port(), origin.tls(), multiplexed, List.of(), new Dialer.Opening() {
            @Override
            public boolean resolved(List<InetAddress> addresses) {
                var goesOn = wish.stands() && wish.resolved(addresses);
                if (!goesOn && multiplexed) {
                    // What was refused to this one may be allowed to the next.
                    released(shared).forEach(other -> open(origin, dialer, true, false, other));
                }
                return goesOn;
            }

            @Override
            public void opened(Channel channel) {
                if (multiplexed && Dialer.speaksHttp2(channel)) {
                    var connection = UpstreamHttp2.begin(channel, pool.idle());
                    onlyHttp1.remove(origin);
                    pool.add(shared, connection);
                    if (wish.stands()) {
                        stream(connection, false, wish);
                    }
                    released(shared).forEach(other -> open(origin, dialer, true, false, other));
                    return;
                }
                var connection = new UpstreamConnection();
                channel.pipeline().addLast(connection.handlers().toArray(ChannelHandler[]::new));
                if (wish.stands()) {
                    wish.opened(connection, false);
                } else {
                    connection.close();
                }
                if (multiplexed) {
                    onlyHttp1.add(origin);
                    // It speaks HTTP/1.1, which carries one exchange at a time: each needs its own.
                    released(shared).forEach(other -> open(origin, dialer, false, false, other));
                }
            }

            @Override
            public void openFailed(UpstreamError error, String message) {
                if (wish.stands()) {
                    wish.openFailed(error, message);
                }
                if (multiplexed) {
                    released(shared).forEach(other -> other.openFailed(error, message));
                }
            }
        });
    }

    /** Who waited for the connection {@code shared}, which is open, or will not be, and still does. */
    private List<Wish> released(UpstreamPool.Shared shared) {
        var others = waiting.remove(shared);
        return others == null ? List.of() : others.stream().filter(Wish::stands).toList();
    }
}
