package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.metrics.BgpMetrics.Direction.received;
import static dev.portcullis.dataplane.metrics.BgpMetrics.Direction.sent;

import dev.portcullis.dataplane.flow.mitigate.Announcer.PeerState;
import dev.portcullis.dataplane.metrics.BgpMetrics;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The finite state machine of one neighbour (RFC 4271 section 8). We dial and nobody dials us, so connections never
 * collide, and Active is the wait between two attempts. One thread runs it; {@link #state}, {@link #announces} and {@link
 * #carries} may be called by any.
 */
final class Session {
    /** RFC 4271 section 8.2.2. */
    enum State {
        Idle,
        Connect,
        Active,
        OpenSent,
        OpenConfirm,
        Established
    }

    /** What another thread may see, always of one moment. */
    private record View(
            State state,
            Instant since,
            @Nullable String lastError,
            @Nullable AdjRibOut rib) {}

    private static final Logger log = LoggerFactory.getLogger(Session.class);

    private final Peer peer;
    private final Dialer dialer;
    private final Timers timers;
    private final Timings timings;
    private final InstantSource clock;
    private final Supplier<RouteTable> desired;
    private final BgpMetrics.Peer metrics;
    private final ConnectRetry retry;
    private final Liveness liveness;
    private final RefreshRequests refreshes;

    private volatile View view;
    private @Nullable Channel channel;
    private Negotiated negotiated = Negotiated.nothing();
    private @Nullable UpdateSender sender;
    private Timers.@Nullable Timer connectRetry;
    private boolean stopped;

    Session(
            Peer peer,
            Dialer dialer,
            Timers timers,
            Timings timings,
            InstantSource clock,
            RandomGenerator random,
            Supplier<RouteTable> desired,
            BgpMetrics.Peer metrics) {
        this.peer = peer;
        this.dialer = dialer;
        this.timers = timers;
        this.timings = timings;
        this.clock = clock;
        this.desired = desired;
        this.metrics = metrics;
        retry = new ConnectRetry(timings, timers, random);
        liveness = new Liveness(timers, timings.sendHold(), random);
        refreshes = new RefreshRequests(timers, timings.refresh(), this::repeat);
        view = new View(State.Idle, clock.instant(), peer.problem(), null);
    }

    Peer peer() {
        return peer;
    }

    /** Begins to connect, and again whenever the session is lost; a peer with a problem stays Idle. */
    void start() {
        if (peer.problem() != null) {
            log.error("BGP neighbour {} is not tried: {}", peer.name(), peer.problem());
            return;
        }
        connect();
    }

    /** Takes everything back, tells the neighbour why, and ends. The future completes when the connection is closed. */
    @Nullable
    ChannelFuture stop(Notification why) {
        stopped = true;
        if (connectRetry != null) {
            connectRetry.cancel();
        }
        var open = channel;
        if (open == null) {
            enter(State.Idle, view.lastError());
            return null;
        }
        if (sender != null) {
            sender.withdrawAll();
        }
        end(State.Idle, "stopped here: " + why.describe(), why);
        return open.closeFuture();
    }

    /** The table changed. */
    void tableChanged() {
        if (sender != null) {
            sender.synchronize();
        }
    }

    PeerState state() {
        var now = view;
        var rib = now.rib();
        return new PeerState(
                peer.name(),
                peer.host(),
                peer.remoteAsn(),
                now.state().name(),
                now.since(),
                rib == null ? 0 : rib.announced(),
                now.lastError());
    }

    boolean announces(Route route) {
        var rib = view.rib();
        return rib != null && rib.announces(route);
    }

    boolean carries(AddressFamily family) {
        var rib = view.rib();
        return rib != null && rib.families().contains(family);
    }

    private void connect() {
        enter(State.Connect, view.lastError());
        var codec = new MessageCodec();
        var connection = new Connection(this, codec);
        var dialled = dialer.dial(peer, new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel opened) {
                opened.pipeline().addLast(codec, connection);
            }
        });
        channel = dialled.channel();
        dialled.addListener(done -> {
            if (channel == dialled.channel()) {
                if (done.isSuccess()) {
                    connected();
                } else {
                    end(State.Active, "cannot connect: " + done.cause().getMessage(), null);
                }
            } else {
                dialled.channel().close();
            }
        });
    }

    private void connected() {
        var open = current();
        open.writeAndFlush(MessageCodec.open(open.alloc(), Open.to(peer))).addListener(liveness.writing());
        liveness.expect(timings.openHold(), this::holdTimerExpired);
        enter(State.OpenSent, view.lastError());
    }

    /** Whether {@code connection} is the one in use, and not an old one. */
    boolean uses(Channel connection) {
        return connection == channel;
    }

    void writabilityChanged() {
        if (sender != null) {
            sender.resume();
        }
    }

    void lost(String why) {
        end(State.Idle, why, null);
    }

    void received(Message message, MessageCodec codec) {
        switch (message) {
            case Malformed malformed -> fail(malformed.reply());
            case Notification notification -> {
                metrics.notification(received);
                end(State.Idle, "neighbour sent " + notification.describe(), null);
            }
            case Open open when view.state() == State.OpenSent -> opened(open, codec);
            case Message.Keepalive _ when view.state() == State.OpenConfirm -> established();
            case Message.Keepalive _ when view.state() == State.Established -> liveness.heard();
            case Message.Update _ when view.state() == State.Established -> liveness.heard();
            case Message.RouteRefresh(var family)
            when view.state() == State.Established -> {
                liveness.heard();
                refresh(family);
            }
            default -> fail(new Notification(Notification.FINITE_STATE_MACHINE_ERROR, unexpected()));
        }
    }

    /** RFC 6608 section 3. */
    private int unexpected() {
        return switch (view.state()) {
            case OpenSent -> 1;
            case OpenConfirm -> 2;
            case Established -> 3;
            default -> 0;
        };
    }

    private void opened(Open open, MessageCodec codec) {
        try {
            negotiated = Negotiated.between(peer, open);
        } catch (MalformedMessageException refused) {
            fail(refused.reply());
            return;
        }
        if (negotiated.extendedMessage()) {
            codec.allowExtendedMessages();
        }
        keepalive();
        if (negotiated.holdSeconds() > 0) {
            var hold = Duration.ofSeconds(negotiated.holdSeconds());
            liveness.expect(hold, this::holdTimerExpired);
            liveness.repeat(hold.dividedBy(3), this::keepalive);
        } else {
            liveness.expectNothing();
            liveness.repeat(timings.sendHold(), this::checkSending);
        }
        enter(State.OpenConfirm, view.lastError());
    }

    private void established() {
        liveness.heard();
        var updates = new UpdateSender(current(), negotiated, desired, liveness, metrics);
        sender = updates;
        retry.established();
        metrics.established();
        var nothing = negotiated.families().isEmpty();
        view = new View(
                State.Established,
                clock.instant(),
                nothing ? "the neighbour takes none of the configured address families" : null,
                updates.rib());
        log.info("BGP neighbour {} ({}) is Established for {}", peer.name(), peer.host(), negotiated.families());
        updates.synchronize();
    }

    private void refresh(@Nullable AddressFamily family) {
        if (family != null && negotiated.families().contains(family)) {
            refreshes.add(family); // one that was not agreed on is ignored (RFC 2918 section 4)
        }
    }

    private void repeat(Set<AddressFamily> families) {
        if (sender != null) {
            sender.repeat(families);
        }
    }

    private void keepalive() {
        if (checkSending() && !liveness.waiting()) {
            var open = current();
            open.writeAndFlush(MessageCodec.keepalive(open.alloc())).addListener(liveness.writing());
        }
    }

    /** False when the neighbour takes nothing any more, and the session was ended for it. */
    private boolean checkSending() {
        var stalled = liveness.stalled();
        if (stalled) {
            fail(new Notification(Notification.SEND_HOLD_TIMER_EXPIRED, 0));
        }
        return !stalled;
    }

    private void holdTimerExpired() {
        fail(new Notification(Notification.HOLD_TIMER_EXPIRED, 0));
    }

    private void fail(Notification reply) {
        end(State.Idle, "sent " + reply.describe(), reply);
    }

    /** Ends this connection, if there is one, and plans the next. */
    private void end(State next, String why, @Nullable Notification tell) {
        var open = current();
        channel = null;
        liveness.stop();
        refreshes.clear();
        if (sender != null) {
            sender.end();
            sender = null;
            metrics.dropped();
        }
        close(open, tell);
        if (stopped) {
            log.info("BGP neighbour {} ({}): {}", peer.name(), peer.host(), why);
        } else if (!why.equals(view.lastError())) {
            log.warn("BGP neighbour {} ({}): {}", peer.name(), peer.host(), why);
        }
        enter(next, why);
        if (!stopped) {
            connectRetry = timers.after(retry.next(), this::connect);
        }
    }

    private void close(Channel open, @Nullable Notification tell) {
        if (tell == null || !open.isActive()) {
            open.close();
            return;
        }
        metrics.notification(sent);
        open.writeAndFlush(MessageCodec.notification(open.alloc(), tell)).addListener(done -> {
            if (done.isSuccess() && open instanceof SocketChannel socket) {
                // Closing with unread input would reset the connection and could overtake what was just written.
                socket.shutdownOutput();
            } else {
                open.close();
            }
        });
        timers.after(timings.closeGrace(), open::close);
    }

    private void enter(State state, @Nullable String lastError) {
        view = new View(state, view.state() == state ? view.since() : clock.instant(), lastError, null);
    }

    private Channel current() {
        var open = channel;
        if (open == null) {
            throw new IllegalStateException("no connection in state " + view.state());
        }
        return open;
    }
}
