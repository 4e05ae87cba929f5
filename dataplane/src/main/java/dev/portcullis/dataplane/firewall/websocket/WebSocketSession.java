package dev.portcullis.dataplane.firewall.websocket;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.http.ClientConnection;
import dev.portcullis.dataplane.firewall.http.Exchange;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import dev.portcullis.dataplane.firewall.net.UpstreamConnection;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.rewrite.Rewritten;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.coding.MessageArchives;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.LimitFindings;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import dev.portcullis.dataplane.metrics.WebSocketMetrics;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket between a client and an origin, after the handshake: messages both ways, each judged before it goes on, until
 * one side closes, a limit is reached, or a change no longer allows it. Belongs to one event loop.
 */
public final class WebSocketSession implements Exchange {
    private static final long CLOSE_MILLIS = 2_000;

    private final ClientConnection connection;
    private final FirewallParts parts;
    private final FirewallPolicy policy;
    private final Subject subject;
    private final String host;
    private final Predicate<FirewallPolicy> allowed;
    private final WebSocketMetrics metrics;
    private final FrameRelay fromClient;
    private final FrameRelay fromServer;
    private final WebSocketTally tally = new WebSocketTally();
    private @Nullable Channel server;
    private @Nullable ScheduledFuture<?> lifetime;
    private long activeNanos;
    private boolean refused;
    private boolean ending;
    private boolean over;

    /**
     * A session, not yet begun. One of {@link FirewallParts#openWebSockets()} is its own, and given back when it ends.
     *
     * @param allowed whether another policy would let it begin
     */
    public WebSocketSession(
            ClientConnection connection,
            FirewallParts parts,
            FirewallPolicy policy,
            Subject subject,
            String host,
            Predicate<FirewallPolicy> allowed) {
        this.connection = connection;
        this.parts = parts;
        this.policy = policy;
        this.subject = subject;
        this.host = host;
        this.allowed = allowed;
        this.metrics = parts.metrics().webSocket();
        var scanner = policy.scanner();
        var settings = policy.webSocket();
        fromClient = new FrameRelay(
                this,
                true,
                relay -> new MessageGate(
                        true,
                        settings.maxMessage(),
                        new MessageArchives(
                                scanner.openClientMessages(host),
                                () -> scanner.openClientMessages(host),
                                this::unreadable),
                        scanner.openClientMessages(host),
                        settings.binary(),
                        binaryRefused(),
                        MessageRedaction.of(scanner),
                        relay));
        fromServer = new FrameRelay(
                this,
                false,
                relay -> new MessageGate(
                        false,
                        settings.maxMessage(),
                        scanner.openServerMessages(host),
                        scanner.openServerMessages(host),
                        settings.binary(),
                        binaryRefused(),
                        null,
                        relay));
    }

    private Finding unreadable(String rule, String what) {
        return new Finding(
                ScannerName.COMPRESSION,
                rule,
                Severity.medium,
                policy.dlpAction(),
                "plaintext",
                "message",
                -1,
                "the message cannot be scanned, because " + what,
                "");
    }

    /**
     * Begins.
     *
     * @param upstream the connection that the origin switched
     * @param headers of its 101, without what concerns one hop
     */
    public void start(UpstreamConnection upstream, HttpHeaders headers) {
        touch();
        metrics.opened();
        parts.enforcer().webSocketOpened(subject, policy.recordAllowed());
        var client = connection.channel();
        var switched = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
        switched.headers().add(headers);
        Handshake.confirm(switched.headers());
        var wouldBlock = subject.wouldBlock();
        if (wouldBlock != null) {
            switched.headers().set(Denial.WOULD_HEADER, wouldBlock);
        }
        client.writeAndFlush(switched);
        lifetime = connection
                .loop()
                .schedule(
                        () -> end(CloseCode.GOING_AWAY, "the lifetime of the connection is over"),
                        policy.webSocket().lifetimeMillis(),
                        TimeUnit.MILLISECONDS);
        watch(policy.webSocket().idleMillis());
        var origin = upstream.channel();
        server = origin;
        connection.leaveHttp(this, fromClient);
        upstream.leaveHttp(fromServer);
        fromServer.begin(client);
        fromClient.begin(origin);
    }

    // What its relays tell.

    /** Something was read. */
    void touch() {
        activeNanos = parts.nanoClock().getAsLong();
        connection.touch();
    }

    /** A frame came. */
    void frame(boolean client, int opcode, int bytes) {
        metrics.frame(opcode == Opcode.TEXT, opcode == Opcode.BINARY, client, bytes);
        tally.frame(opcode, client, bytes);
        var budget = policy.limits().bytesPerMinutePerHost();
        if (budget > 0) {
            parts.dataBudget().spend(host, bytes, budget);
            if (!ending && parts.dataBudget().spent(host, budget)) {
                judge(client, List.of(LimitFindings.dataBudget(host, budget)));
            }
        }
    }

    /** Something was found; false when the message must not go on. */
    boolean judge(boolean client, List<Finding> findings) {
        for (var finding : findings) {
            metrics.scanHit(finding.scanner());
        }
        var denial = parts.enforcer()
                .weigh(policy.mode(), subject, client ? Place.CLIENT_MESSAGE : Place.SERVER_MESSAGE, findings);
        if (denial != null) {
            refuse(CloseCode.POLICY_VIOLATION, denial);
        }
        return denial == null;
    }

    /** Values in a message of the client were replaced. */
    void redacted(Map<String, Integer> counts) {
        parts.enforcer().rewritten(subject, Rewritten.REDACTION, counts);
    }

    /** One side broke the protocol, or a limit. */
    void violated(boolean client, ProtocolViolation violation) {
        metrics.scanHit(ScannerName.WEBSOCKET);
        refuse(
                violation.code(),
                parts.enforcer()
                        .refuse(
                                subject,
                                client ? Place.CLIENT_MESSAGE : Place.SERVER_MESSAGE,
                                finding(violation.rule(), violation.sentence(), "")));
    }

    private void refuse(int code, Denial denial) {
        refused = true;
        end(code, "blocked: " + denial.scanner() + " " + denial.rule() + " (request " + denial.requestId() + ")");
    }

    /** One side's Close was handed on; when the other one's was, too, it is over. */
    void closing(int code) {
        tally.closed(code);
        if (fromClient.closing() && fromServer.closing()) {
            ending = true;
            done("closed");
            closeAfterFlush(server);
            closeAfterFlush(connection.channel());
        }
        // One that does not answer, or reads no more, is not waited for.
        var unused = connection.loop().schedule(this::closeNow, 5 * CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** One side's connection is gone. */
    void gone(boolean client) {
        if (ending) {
            if (client) {
                closeNow();
            } else if (server != null) {
                server.close();
            }
            return;
        }
        var orderly = fromClient.closing() || fromServer.closing();
        end(
                orderly ? 0 : CloseCode.GOING_AWAY,
                orderly ? "closed" : client ? "the client is gone" : "the origin is gone");
    }

    // The end.

    /**
     * Tells both sides why, and closes.
     *
     * @param code of the Close frames; 0 sends none
     */
    private void end(int code, String why) {
        if (ending || over) {
            return;
        }
        ending = true;
        fromClient.discard();
        fromServer.discard();
        if (code != 0) {
            tally.closed(code);
            var client = connection.channel();
            if (!fromServer.closing()) {
                client.write(CloseFrame.toClient(client.alloc(), code, why));
            }
            var origin = server;
            if (origin != null && !fromClient.closing()) {
                origin.write(CloseFrame.toServer(origin.alloc(), code, why));
            }
        }
        done(why);
        linger();
    }

    /** Sends what is written, and leaves both sides a little time to read it: a reset would take it from them. */
    private void linger() {
        connection.channel().flush();
        if (server != null) {
            server.flush();
        }
        var unused = connection.loop().schedule(this::closeNow, CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static void closeAfterFlush(@Nullable Channel channel) {
        if (channel != null) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void closeNow() {
        if (server != null) {
            server.close();
        }
        connection.channel().close();
    }

    /** Counts the end, once. */
    private void done(String why) {
        if (over) {
            return;
        }
        over = true;
        parts.openWebSockets().decrementAndGet();
        if (lifetime != null) {
            lifetime.cancel(false);
        }
        metrics.closed((parts.nanoClock().getAsLong() - subject.startedNanos()) / 1e9, !refused);
        parts.enforcer().webSocketClosed(subject, policy.recordAllowed(), why, tally.fields());
    }

    @Override
    public void clientGone() {
        if (server != null) {
            server.close();
        }
        fromClient.discard();
        fromServer.discard();
        done("the client is gone");
    }

    // Time and changes.

    private void watch(long millis) {
        var unused = connection.loop().schedule(this::look, Math.max(1, millis), TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (ending || over) {
            return;
        }
        var left = policy.webSocket().idleMillis() - (parts.nanoClock().getAsLong() - activeNanos) / 1_000_000;
        if (left > 0) {
            watch(left);
        } else {
            end(CloseCode.GOING_AWAY, "nothing passed for the idle time");
        }
    }

    @Override
    public void drain() {
        end(CloseCode.GOING_AWAY, "the proxy goes away: connect again");
    }

    /** The idle time of a WebSocket is its own. */
    @Override
    public void idle() {}

    @Override
    public void recheck(@Nullable FirewallPolicy now, @Nullable Engagement engagement) {
        if (ending || over) {
            return;
        }
        if (engagement != null && engagement.immediate()) {
            cut("the kill switch was engaged: " + engagement.message());
        } else if (now != null && now != policy && now.mode() != Mode.Audit && !allowedBy(now)) {
            cut("the new policy does not allow a WebSocket to " + host);
        }
    }

    private boolean allowedBy(FirewallPolicy now) {
        return now.webSocket().enabled() && allowed.test(now);
    }

    private void cut(String why) {
        refused = true;
        parts.enforcer().cut(subject, why);
        end(CloseCode.POLICY_VIOLATION, why);
    }

    private Finding binaryRefused() {
        return finding("binary", "a binary message, which this policy does not let pass", "webSocket:\n  binary: Scan");
    }

    private static Finding finding(String rule, String message, String hint) {
        return new Finding(
                ScannerName.WEBSOCKET, rule, Severity.medium, Action.Block, "plaintext", "message", -1, message, hint);
    }

    // HTTP is over.

    @Override
    public void start() {}

    @Override
    public boolean wantsContent() {
        return false;
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
