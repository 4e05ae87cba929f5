package dev.portcullis.dataplane.firewall.tls;

import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.http.Carrier;
import dev.portcullis.dataplane.firewall.http.ClientConnection;
import dev.portcullis.dataplane.firewall.http.Exchange;
import dev.portcullis.dataplane.firewall.http.InterceptedRequests;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import dev.portcullis.dataplane.firewall.net.Dialer;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.tunnel.Admission;
import dev.portcullis.dataplane.firewall.tunnel.ConnectRequest;
import dev.portcullis.dataplane.firewall.tunnel.SniGate;
import dev.portcullis.dataplane.firewall.tunnel.SniOutcome;
import dev.portcullis.dataplane.firewall.tunnel.Tunnel;
import dev.portcullis.dataplane.firewall.tunnel.TunnelFindings;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.InterceptOutcome;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import dev.portcullis.dataplane.metrics.FirewallMetrics.LimitClose;
import dev.portcullis.dataplane.metrics.FirewallMetrics.UpstreamError;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One CONNECT whose TLS we answer ourselves. What is known before anything is sent (rules, lists, rates, addresses) is
 * judged first and refused with a reply; then come the 200, the server name, our certificate, and the requests inside,
 * each of which opens or reuses a verified connection to the origin. Belongs to one event loop.
 */
public final class Interception implements Exchange, Dialer.Opening, ClientHandshake.Watch, Carrier {
    private final ConnectRequest request;
    private final ClientConnection connection;
    private final FirewallParts parts;
    private final FirewallPolicy policy;
    private final Subject subject;
    private final String host;
    private final ClientPipeline pipeline;
    private final Admission admission;
    private final ClientHandshake handshake;
    private final Set<ClientConnection> inside = new HashSet<>();
    private @Nullable ScheduledFuture<?> lifetime;
    private @Nullable Tunnel opaque;
    private boolean accepted;
    private boolean established;
    private boolean http2;
    private boolean draining;
    private boolean over;

    /** The tunnel that {@code asked} asks for, looked into. */
    public Interception(ConnectRequest asked, ClientPipeline pipeline) {
        this.request = asked.withoutRoot();
        this.connection = request.connection();
        this.parts = request.parts();
        this.policy = request.policy();
        this.subject = request.subject();
        this.host = request.host();
        this.pipeline = pipeline;
        this.admission = new Admission(asked);
        this.handshake = new ClientHandshake(request, pipeline, this);
    }

    // Before the 200.

    @Override
    public void start() {
        var denial = admission.judge();
        if (denial == null) {
            parts.dialer().resolve(connection.loop(), host, this, addresses -> accept());
        } else {
            deny(denial);
        }
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
        if (!over) {
            parts.enforcer().failed(subject, error, message);
            end();
            request.failed(message);
        }
    }

    /** Nothing is dialled for the tunnel itself. */
    @Override
    public void opened(Channel channel) {
        channel.close();
    }

    private void deny(Denial denial) {
        end();
        request.deny(denial);
    }

    // The 200, the server name, the certificate.

    private void accept() {
        if (over) {
            return;
        }
        accepted = true;
        connection.becomeTunnel();
        Tunnel.establish(connection.channel(), subject);
        lifetime = connection
                .loop()
                .schedule(this::lifeIsOver, policy.limits().tunnelLifetimeMillis(), TimeUnit.MILLISECONDS);
        pipeline.toTunnel(
                connection.channel(), new SniGate(host, policy.limits().headerMillis(), this::serverName));
    }

    private void serverName(SniOutcome outcome, boolean encrypted) {
        if (over) {
            return;
        }
        if (policy.connect().verifySni()) {
            parts.metrics().sni(outcome);
            if (!outcome.passes() && refuses(TunnelFindings.serverName(outcome, encrypted, host))) {
                if (outcome == SniOutcome.TIMEOUT) {
                    failed(InterceptOutcome.DEADLINE_ERROR, "no TLS ClientHello came in time");
                } else {
                    cut();
                }
                return;
            }
        }
        switch (outcome) {
            case NOT_TLS -> notTls();
            case TIMEOUT -> failed(InterceptOutcome.DEADLINE_ERROR, "no TLS ClientHello came in time");
            default -> handshake.begin();
        }
    }

    private boolean refuses(dev.portcullis.dataplane.firewall.scan.Finding finding) {
        return parts.enforcer().weigh(policy.mode(), subject, Place.TARGET, List.of(finding)) != null;
    }

    /** What is not TLS cannot be looked into: refused, or in mode Audit left alone. */
    private void notTls() {
        if (refuses(TunnelFindings.notTls(host))) {
            cut();
            return;
        }
        var tunnel = new Tunnel(request, pipeline);
        opaque = tunnel;
        tunnel.resume();
    }

    @Override
    public void established(SslHandler handler, double seconds) {
        established = true;
        parts.metrics().interception().opened();
        var protocol = handler.applicationProtocol();
        parts.enforcer()
                .intercepted(
                        subject,
                        policy.recordAllowed(),
                        handler.engine().getSession().getProtocol(),
                        protocol == null ? "http/1.1" : protocol,
                        seconds);
        connection.touch();
        var requests = new InterceptedRequests(parts, host, request.port(), subject.agent());
        http2 = ApplicationProtocolNames.HTTP_2.equals(protocol);
        if (http2) {
            pipeline.toHttp2(connection.channel(), requests, this);
        } else {
            pipeline.toHttp1(connection.channel(), requests, this);
        }
    }

    @Override
    public void failed(InterceptOutcome outcome, String message) {
        parts.enforcer().notIntercepted(subject, outcome, message);
        cut();
    }

    // The requests inside.

    @Override
    public void opened(ClientConnection request) {
        inside.add(request);
    }

    @Override
    public void closed(ClientConnection request) {
        inside.remove(request);
        if (draining && inside.isEmpty()) {
            connection.channel().close();
        }
    }

    @Override
    public void touched() {
        connection.touch();
    }

    @Override
    public boolean multiplexed() {
        return http2;
    }

    // The end.

    private void lifeIsOver() {
        if (over || opaque != null) {
            return;
        }
        drain();
        lifetime = connection.loop().schedule(this::cut, policy.limits().idleMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void drain() {
        if (opaque != null) {
            return;
        }
        draining = true;
        if (inside.isEmpty()) {
            cut();
        } else if (http2) {
            goAway("no new requests: open another connection");
        } else {
            Set.copyOf(inside).forEach(ClientConnection::drain);
        }
    }

    private void goAway(String why) {
        connection
                .channel()
                .writeAndFlush(new DefaultHttp2GoAwayFrame(
                        Http2Error.NO_ERROR, Unpooled.copiedBuffer(why, StandardCharsets.UTF_8)));
    }

    /** Ends it at once, without a TLS goodbye: what was cut off must not look complete. */
    private void cut() {
        var channel = connection.channel();
        if (http2 && channel.isActive()) {
            goAway("this connection is over");
        } else if (channel.isActive()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        var handler = handshake.handler();
        var context = handler == null ? null : channel.pipeline().context(handler);
        if (context == null) {
            channel.close();
        } else {
            context.close();
        }
    }

    @Override
    public void clientGone() {
        if (opaque != null) {
            opaque.clientGone();
        }
        if (handshake.stop()) {
            parts.enforcer().notIntercepted(subject, InterceptOutcome.HANDSHAKE_ERROR, HandshakeFailure.LEFT);
        }
        // A stream of HTTP/2 from which nobody reads, as its upload is held up, does not hear of it by itself.
        Set.copyOf(inside).forEach(request -> request.channel().close());
        end();
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        handshake.stop();
        admission.leave();
        if (lifetime != null) {
            lifetime.cancel(false);
        }
        if (established) {
            parts.metrics().interception().closed();
        }
    }

    @Override
    public void idle() {
        if (!accepted) {
            openFailed(UpstreamError.TIMEOUT, "the name " + host + " was not resolved within the idle time");
        } else if (opaque != null) {
            opaque.idle();
        } else if (!established) {
            handshake.stop();
            failed(InterceptOutcome.DEADLINE_ERROR, "the client's TLS handshake did not end within the idle time");
        } else if (inside.isEmpty()) {
            parts.metrics().limitClose(LimitClose.IDLE_TIMEOUT);
            cut();
        }
        // What goes on inside watches its own silence: who keeps whom waiting is known there.
    }

    @Override
    public void recheck(@Nullable FirewallPolicy now, @Nullable Engagement engagement) {
        if (over) {
            return;
        }
        if (opaque != null) {
            opaque.recheck(now, engagement);
            return;
        }
        var why = admission.revoked(now, engagement, null);
        if (why == null) {
            inside.forEach(ClientConnection::recheck);
        } else {
            parts.enforcer().cut(subject, why);
            handshake.stop();
            cut();
        }
    }

    // HTTP on the outside is over.

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
