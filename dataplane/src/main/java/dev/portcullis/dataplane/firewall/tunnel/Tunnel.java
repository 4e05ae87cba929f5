package dev.portcullis.dataplane.firewall.tunnel;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.http.ClientConnection;
import dev.portcullis.dataplane.firewall.http.Exchange;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import dev.portcullis.dataplane.firewall.net.Dialer;
import dev.portcullis.dataplane.firewall.net.Relay;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import dev.portcullis.dataplane.metrics.FirewallMetrics.LimitClose;
import dev.portcullis.dataplane.metrics.FirewallMetrics.UpstreamError;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One CONNECT (RFC 9110 section 9.3.6): rules for tunnels, then what every request is judged by, then the addresses; the
 * reply 200; the TLS server name; then bytes both ways until an end, a limit, or a change that no longer allows it. Belongs
 * to one event loop.
 */
public final class Tunnel implements Exchange, Dialer.Opening, Relay.Watch {
    /** Rebuilds a client's pipeline: HTTP leaves, {@code handler} comes. */
    @FunctionalInterface
    public interface Upgrade {
        /** Puts {@code handler} in; bytes that came behind the CONNECT reach it. */
        void toTunnel(Channel client, ChannelHandler handler);
    }

    private static final HttpResponseStatus ESTABLISHED = new HttpResponseStatus(200, "Connection Established");

    private final ConnectRequest request;
    private final ClientConnection connection;
    private final FirewallParts parts;
    private final FirewallPolicy policy;
    private final Subject subject;
    private final String host;
    private final Upgrade upgrade;
    private final Admission admission;
    private @Nullable Channel upstream;
    private @Nullable ScheduledFuture<?> lifetime;
    private boolean relaying;
    private boolean resumed;
    private boolean over;
    private long bytes;
    private String ending = "closed by the client";

    /** The tunnel that {@code request} asks for. */
    public Tunnel(ConnectRequest request, Upgrade upgrade) {
        this.request = request;
        this.connection = request.connection();
        this.parts = request.parts();
        this.policy = request.policy();
        this.subject = request.subject();
        this.host = request.host();
        this.upgrade = upgrade;
        this.admission = new Admission(request);
    }

    // Before the 200.

    @Override
    public void start() {
        var denial = admission.judge();
        if (denial != null) {
            deny(denial);
            return;
        }
        parts.dialer().open(connection.loop(), host, request.port(), null, List.of(), this);
    }

    @Override
    public boolean resolved(List<InetAddress> addresses) {
        if (over) {
            return false;
        }
        var denial = admission.judge(addresses);
        if (denial != null) {
            deny(denial);
        }
        return !over;
    }

    @Override
    public void openFailed(UpstreamError error, String message) {
        if (over) {
            return;
        }
        parts.enforcer().failed(subject, error, message);
        end();
        if (resumed) {
            connection.channel().close();
            return;
        }
        request.failed(message);
    }

    private void deny(Denial denial) {
        end();
        if (resumed) {
            connection.channel().close();
            return;
        }
        request.deny(denial);
    }

    // The 200 and the server name.

    @Override
    public void opened(Channel channel) {
        if (over) {
            channel.close();
            return;
        }
        upstream = channel;
        channel.closeFuture().addListener(closed -> ended("closed by the origin"));
        if (resumed) {
            relay(channel, SniGate.class);
            return;
        }
        connection.becomeTunnel();
        establish(connection.channel(), subject);
        limitLifetime();
        if (policy.connect().verifySni()) {
            upgrade.toTunnel(
                    connection.channel(), new SniGate(host, policy.limits().headerMillis(), this::serverName));
        } else {
            relay(channel, null);
        }
    }

    /** Tells the client that its tunnel is open. */
    public static void establish(Channel client, Subject subject) {
        var established = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, ESTABLISHED, Unpooled.EMPTY_BUFFER);
        var wouldBlock = subject.wouldBlock();
        if (wouldBlock != null) {
            established.headers().set(Denial.WOULD_HEADER, wouldBlock);
        }
        client.writeAndFlush(established);
    }

    /** Goes on with a tunnel that was judged and answered already, and whose first bytes an {@link SniGate} holds. */
    public void resume() {
        resumed = true;
        limitLifetime();
        parts.dialer().open(connection.loop(), host, request.port(), null, List.of(), this);
    }

    private void limitLifetime() {
        lifetime = connection
                .loop()
                .schedule(
                        () -> cut(LimitClose.TUNNEL_LIFETIME, "its lifetime is over"),
                        policy.limits().tunnelLifetimeMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void serverName(SniOutcome outcome, boolean encrypted) {
        var origin = upstream;
        if (over || origin == null) {
            return;
        }
        parts.metrics().sni(outcome);
        if (!outcome.passes()) {
            var denial = parts.enforcer()
                    .weigh(
                            policy.mode(),
                            subject,
                            Place.TARGET,
                            List.of(TunnelFindings.serverName(outcome, encrypted, host)));
            if (denial != null) {
                cut(denial.message());
                return;
            }
        }
        relay(origin, SniGate.class);
    }

    private void relay(Channel origin, @Nullable Class<? extends ChannelHandler> gate) {
        relaying = true;
        if (policy.webSocket().apiHosts().matches(host)) {
            parts.metrics().webSocket().hint();
        }
        parts.enforcer().tunnelOpened(subject, policy.recordAllowed());
        origin.pipeline().addLast(new Relay(connection.channel(), this));
        var toOrigin = new Relay(origin, this);
        if (gate == null) {
            upgrade.toTunnel(connection.channel(), toOrigin);
        } else {
            connection.channel().pipeline().addLast(toOrigin);
            connection.channel().pipeline().remove(gate);
        }
    }

    // Bytes, and the end.

    @Override
    public void passed(int count) {
        bytes += count;
        parts.metrics().tunnelBytes(count);
        connection.touch();
        var budget = policy.limits().bytesPerMinutePerHost();
        if (budget > 0) {
            parts.dataBudget().spend(host, count, budget);
            if (policy.mode() != Mode.Audit && parts.dataBudget().spent(host, budget)) {
                cut(LimitClose.DATA_BUDGET, "the bytes of this minute to and from " + host + " are used up");
            }
        }
    }

    @Override
    public void ended(String why) {
        var origin = upstream;
        if (over || origin == null) {
            return;
        }
        ending = why;
        // What was read must still be delivered.
        origin.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        connection.channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    private void cut(LimitClose limit, String why) {
        if (!over) {
            parts.metrics().limitClose(limit);
            cut(why);
        }
    }

    private void cut(String why) {
        ending = why;
        var origin = upstream;
        if (origin != null) {
            origin.close();
        }
        if (connection.channel().isActive()) {
            connection.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        }
        connection.channel().close();
    }

    @Override
    public void clientGone() {
        var origin = upstream;
        if (origin != null && origin.isActive()) {
            origin.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            closeInTime(origin);
        }
        end();
    }

    /** An origin that takes nothing, or is gone, is not waited for longer than an idle tunnel would be. */
    private void closeInTime(Channel origin) {
        if (origin.isOpen()) {
            var late = connection
                    .loop()
                    .schedule(() -> origin.close(), policy.limits().idleMillis(), TimeUnit.MILLISECONDS);
            origin.closeFuture().addListener(closed -> late.cancel(false));
        }
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        var origin = upstream;
        if (origin == null || !origin.isOpen()) {
            admission.leave();
        } else {
            // What still waits for the origin takes a tunnel's place.
            origin.closeFuture().addListener(closed -> admission.leave());
        }
        if (lifetime != null) {
            lifetime.cancel(false);
        }
        if (relaying) {
            parts.enforcer().tunnelClosed(subject, policy.recordAllowed(), bytes, ending);
        }
    }

    @Override
    public void idle() {
        if (upstream == null) {
            openFailed(UpstreamError.TIMEOUT, "no connection to " + host + " within the idle time");
        } else {
            cut(LimitClose.TUNNEL_IDLE, "nothing passed for the idle time");
        }
    }

    @Override
    public void recheck(@Nullable FirewallPolicy now, @Nullable Engagement engagement) {
        if (over) {
            return;
        }
        var origin = upstream;
        var reached = origin != null && origin.remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress()
                : null;
        var why = admission.revoked(now, engagement, reached);
        if (why != null) {
            parts.enforcer().cut(subject, why);
            cut(why);
        }
    }

    // HTTP is over.

    @Override
    public boolean wantsContent() {
        return true;
    }

    @Override
    public void content(HttpContent part) {
        part.release();
    }

    @Override
    public void unreadable(String sentence) {}

    @Override
    public void clientWritabilityChanged() {}
}
