package dev.portcullis.dataplane.flow.bgp;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Bgp;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.flow.mitigate.Announcement;
import dev.portcullis.dataplane.flow.mitigate.Announcer;
import dev.portcullis.dataplane.metrics.BgpMetrics;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells routers by BGP-4 (RFC 4271) what to drop: IPv4 and IPv6 blackhole routes and FlowSpec rules. It dials its
 * neighbours, keeps each at the table in force, learns no routes, and never forwards. At most {@value
 * RouteTable#MAX_ROUTES} routes and rules are announced; what is beyond that, or cannot be said in an UPDATE, is left out,
 * logged and counted.
 *
 * <p>Routes are not preserved over a restart: no neighbour is asked to keep them (RFC 4724), and {@link #close} takes them
 * back first, so a ban never outlives the process that would lift it.
 *
 * <p>All methods may be called by any thread; all but {@link #close} return at once. One thread of its own runs all
 * sessions.
 */
public final class BgpSpeaker implements Announcer, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BgpSpeaker.class);

    /** Cease subcodes (RFC 4486). */
    private static final int ADMINISTRATIVE_SHUTDOWN = 2;

    private static final int PEER_DECONFIGURED = 3;
    private static final int OTHER_CONFIGURATION_CHANGE = 6;

    /** Most different reasons logged for one table; a reason is logged again only after a table without it. */
    private static final int MAX_REASONS = 100;

    private final SecretSource secrets;
    private final BgpMetrics metrics;
    private final InstantSource clock;
    private final Timings timings;
    private final EventLoopGroup group;
    private final EventLoop loop;
    private final Dialer dialer;
    private final Timers timers;
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final AtomicBoolean tableChanged = new AtomicBoolean();
    private volatile List<Session> order = List.of();
    private volatile RouteTable table = RouteTable.EMPTY;
    private Set<String> refused = Set.of();
    private boolean closed;

    /**
     * A speaker without neighbours.
     *
     * @param secrets where {@code passwordSecretRef} is looked up, on the thread that calls {@link #configure}
     */
    public BgpSpeaker(SecretSource secrets, BgpMetrics metrics, InstantSource clock) {
        this(secrets, metrics, clock, Timings.STANDARD);
    }

    BgpSpeaker(SecretSource secrets, BgpMetrics metrics, InstantSource clock, Timings timings) {
        this.secrets = secrets;
        this.metrics = metrics;
        this.clock = clock;
        this.timings = timings;
        var epoll = Epoll.isAvailable();
        group = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory("bgp", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        loop = group.next();
        dialer = new TcpDialer(loop, epoll ? EpollSocketChannel.class : NioSocketChannel.class);
        timers = new Timers() {
            @Override
            public Timer after(Duration delay, Runnable task) {
                var scheduled = loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                return () -> scheduled.cancel(false);
            }

            @Override
            public long nanoTime() {
                return System.nanoTime();
            }
        };
    }

    /**
     * Makes the neighbours of {@code bgp} the ones that are told. Sessions whose settings and password are the same go on
     * untouched; the others end with everything taken back and, where still configured, start again. To be called
     * again when a Secret changes.
     *
     * @param bgp null for none
     * @throws IllegalArgumentException when two neighbours have one name; nothing is changed then
     */
    public void configure(@Nullable Bgp bgp) {
        var peers = new LinkedHashMap<String, Peer>();
        if (bgp != null) {
            for (var neighbor : bgp.neighbors()) {
                if (peers.put(neighbor.name(), Peer.of(bgp, neighbor, secrets)) != null) {
                    throw new IllegalArgumentException(
                            "bgp.neighbors: two have the name '" + neighbor.name() + "'; give each its own");
                }
            }
        }
        execute(() -> swap(peers));
    }

    private void swap(Map<String, Peer> peers) {
        if (closed) {
            return;
        }
        for (var session : order) {
            var name = session.peer().name();
            var peer = peers.get(name);
            if (peer == null) {
                log.info("BGP neighbour {} is no longer configured", name);
                session.stop(new Notification(Notification.CEASE, PEER_DECONFIGURED));
                sessions.remove(name);
                metrics.peer(name).remove();
            } else if (!peer.equals(session.peer())) {
                session.stop(new Notification(Notification.CEASE, OTHER_CONFIGURATION_CHANGE));
                sessions.remove(name);
            }
        }
        var added = new ArrayList<Session>();
        for (var peer : peers.values()) {
            sessions.computeIfAbsent(peer.name(), name -> {
                var session = session(peer);
                added.add(session);
                return session;
            });
        }
        order = peers.keySet().stream()
                .map(name -> Objects.requireNonNull(sessions.get(name)))
                .toList();
        added.forEach(Session::start);
    }

    private Session session(Peer peer) {
        return new Session(
                peer,
                dialer,
                timers,
                timings,
                clock,
                RandomGenerator.getDefault(),
                () -> table,
                metrics.peer(peer.name()));
    }

    @Override
    public synchronized void replace(List<Announcement> announcements) {
        var reasons = new LinkedHashSet<String>();
        table = RouteTable.of(announcements, RouteTable.MAX_ROUTES, (refusal, why) -> {
            metrics.dropped(
                    refusal == RouteTable.Refusal.Limit ? BgpMetrics.Dropped.limit : BgpMetrics.Dropped.invalid);
            if (reasons.size() < MAX_REASONS) {
                reasons.add(why);
            }
        });
        for (var why : reasons) {
            if (!refused.contains(why)) {
                log.error("not announced: {}", why);
            }
        }
        refused = reasons;
        if (tableChanged.compareAndSet(false, true)) {
            execute(() -> {
                tableChanged.set(false);
                order.forEach(Session::tableChanged);
            });
        }
    }

    /** Runs {@code task} on the sessions' thread; a closed speaker has nothing to tell. */
    private void execute(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException closing) {
            log.debug("the BGP speaker is closed");
        }
    }

    /** Takes back everything; the sessions stay. */
    public void withdrawAll() {
        replace(List.of());
    }

    @Override
    public int carriedBy(Announcement announcement) {
        var route = routeOf(announcement);
        return route == null
                ? 0
                : (int) order.stream()
                        .filter(session -> session.announces(route))
                        .count();
    }

    @Override
    public boolean canCarry(Announcement announcement) {
        var route = routeOf(announcement);
        return route != null
                && order.stream()
                        .anyMatch(session -> session.carries(route.nlri().family()));
    }

    private static @Nullable Route routeOf(Announcement announcement) {
        try {
            return Route.of(announcement);
        } catch (IllegalArgumentException invalid) {
            return null;
        }
    }

    @Override
    public List<PeerState> peers() {
        return order.stream().map(Session::state).toList();
    }

    /** Takes back everything, tells each neighbour that this is a shutdown, and ends. Waits for a few seconds at most. */
    @Override
    public void close() {
        if (loop.isShuttingDown()) {
            return;
        }
        var grace = timings.closeGrace();
        try {
            var closing = loop.submit(this::stopAll).get(grace.toMillis(), TimeUnit.MILLISECONDS);
            for (var connection : closing) {
                connection.await(grace.toMillis() + 500);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException late) {
            log.warn("BGP sessions did not end in order: {}", late.toString());
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private List<ChannelFuture> stopAll() {
        closed = true;
        var closing = new ArrayList<ChannelFuture>();
        for (var session : order) {
            var connection = session.stop(Notification.cease(ADMINISTRATIVE_SHUTDOWN, "Portcullis is shutting down"));
            if (connection != null) {
                closing.add(connection);
            }
            metrics.peer(session.peer().name()).remove();
        }
        order = List.of();
        return closing;
    }
}
