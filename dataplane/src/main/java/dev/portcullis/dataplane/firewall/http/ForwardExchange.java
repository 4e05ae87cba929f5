package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import dev.portcullis.dataplane.firewall.net.UpstreamConnection;
import dev.portcullis.dataplane.firewall.net.UpstreamConnector;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.EventStreamScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.coding.GrpcBody;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import dev.portcullis.dataplane.firewall.websocket.Handshake;
import dev.portcullis.dataplane.metrics.FirewallMetrics.UpstreamError;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One proxied HTTP request. In order: target, rate and headers are judged; the body streams through its scan; the origin is
 * resolved, judged and connected to once there is something clean to send; the reply streams back through its own scan.
 * Neither head is sent before the first bytes behind it are clean, so a short bad body never reaches the other side at all
 * and a long one never completes.
 */
final class ForwardExchange implements Exchange, UpstreamConnector.Wish, UpstreamConnection.Listener {
    private final ClientConnection connection;
    private final FirewallParts parts;
    private final FirewallPolicy policy;
    private final Subject subject;
    private final ForwardedRequest request;
    private final HttpHeaders headers;
    private final RequestRules rules;
    private final RequestTarget target;
    private final OriginConnection origin;
    private final @Nullable String accept;

    private final @Nullable Upgrade upgrade;
    private @Nullable ForwardedReply reply;
    private boolean interim;
    private boolean over;

    ForwardExchange(
            ClientConnection connection,
            FirewallParts parts,
            FirewallPolicy policy,
            Subject subject,
            HttpRequest head,
            RequestTarget target,
            RequestRules rules) {
        this.connection = connection;
        this.parts = parts;
        this.policy = policy;
        this.subject = subject;
        this.request = new ForwardedRequest(head, target);
        this.headers = head.headers();
        this.rules = rules;
        this.target = target;
        this.origin = new OriginConnection(connection, parts, policy, target);
        this.accept = request.accept();
        this.upgrade = Handshake.asked(head)
                ? new Upgrade(connection, parts, policy, subject, target, rules, head, this::deny)
                : null;
    }

    // The request.

    @Override
    public void start() {
        var denial = rules.judge(subject, target, headers);
        if (denial != null) {
            deny(denial);
            return;
        }
        weigh(Place.REQUEST_HEADERS, policy.scanner().scanMethod(request.method(), target.host()));
        if (over || upgrade != null && !upgrade.admitted()) {
            return;
        }
        if (request.endsHere()) {
            answerHere();
            return;
        }
        var gate = request.openGate(
                policy,
                scan -> rules.beside(subject, target.host(), headers, scan),
                connection.channel().alloc());
        if (gate != null) {
            judge(gate, Place.REQUEST_BODY);
        }
        if (over) {
            return;
        }
        if (request.expectsContinue()) {
            connection.sendContinue();
        }
        request.prepare(policy.identity().header());
        rules.prepare(headers);
        if (upgrade != null) {
            upgrade.prepare(headers);
        }
        if (gate == null || GrpcBody.is(headers.get(HttpHeaderNames.CONTENT_TYPE, ""))) {
            // A gRPC client may wait for what the server says first.
            openUpstream();
        }
    }

    private void answerHere() {
        var answer = request.answerHere(subject.wouldBlock());
        end();
        parts.enforcer()
                .allowed(subject, policy.recordAllowed(), answer.status().code(), 0);
        connection.reply(answer);
    }

    @Override
    public boolean wantsContent() {
        return !over && request.wantsContent(origin.open());
    }

    @Override
    public void content(HttpContent part) {
        if (over) {
            part.release();
            return;
        }
        request.add(part);
        var gate = request.gate();
        if (gate == null) {
            return;
        }
        judge(gate, Place.REQUEST_BODY);
        if (!over && !request.trailers().isEmpty()) {
            weigh(Place.REQUEST_HEADERS, policy.scanner().scanHeaders(request.trailers(), target.host()));
        }
        if (!over) {
            send();
        }
    }

    @Override
    public void unreadable(String sentence) {
        if (!over) {
            deny(parts.enforcer().malformed(subject, "framing", sentence));
        }
    }

    private void send() {
        var to = origin.open();
        if (to != null) {
            request.send(to);
        } else if (request.ready()) {
            openUpstream();
        }
    }

    // The origin.

    private void openUpstream() {
        if (!over) {
            origin.open(this);
        }
    }

    @Override
    public boolean stands() {
        return !over;
    }

    @Override
    public InetAddress client() {
        return connection.client();
    }

    @Override
    public boolean takes(List<InetAddress> addresses) {
        return rules.addresses(target.host(), addresses).isEmpty();
    }

    @Override
    public boolean resolved(List<InetAddress> addresses) {
        if (!over) {
            weigh(Place.TARGET, rules.addresses(target.host(), addresses));
        }
        return !over;
    }

    @Override
    public void opened(UpstreamConnection opened, boolean carriedBefore) {
        origin.opened(opened, carriedBefore);
        opened.attach(this);
        send();
        opened.read();
        connection.contentWanted();
    }

    @Override
    public void openFailed(UpstreamError error, String message) {
        if (!over) {
            fail(error, message);
        }
    }

    @Override
    public void originFailed(boolean protocol, String message) {
        if (over) {
            origin.release();
        } else if (reply == null && origin.retries(request)) {
            openUpstream();
        } else {
            origin.release();
            fail(protocol ? UpstreamError.PROTOCOL : UpstreamError.RESET, message);
        }
    }

    @Override
    public void originWritabilityChanged() {
        var to = origin.open();
        if (!over && to != null && to.isWritable()) {
            connection.contentWanted();
        }
    }

    // The reply.

    @Override
    public void replyHead(HttpResponse answer) {
        connection.touch();
        var status = answer.status().code();
        if (status == 101) {
            switched(answer);
            return;
        }
        interim = status < 200;
        if (interim) {
            if (reply == null) {
                ForwardedReply.interim(connection, answer);
            }
            return;
        }
        var bodyless = request.isHead() || status == 204 || status == 304;
        var gate = bodyless ? null : ForwardedReply.gate(connection, policy, answer, target.host());
        subject.eventStream(EventStreamScan.is(answer.headers().get(HttpHeaderNames.CONTENT_TYPE, "")));
        reply = new ForwardedReply(connection, subject, answer, gate);
        if (gate != null) {
            judge(gate, Place.RESPONSE);
        }
    }

    private void switched(HttpResponse answer) {
        var fault = upgrade == null ? "it switches protocols unasked" : upgrade.fault(answer);
        if (upgrade == null || fault != null) {
            fail(UpstreamError.PROTOCOL, "the origin's reply is wrong: " + fault);
            return;
        }
        over = true;
        request.release();
        upgrade.begin(origin, answer);
    }

    @Override
    public void replyPart(HttpContent part) {
        var ended = part instanceof LastHttpContent;
        var answer = reply;
        if (over || interim || answer == null) {
            part.release();
            interim &= !ended;
            return;
        }
        connection.touch();
        answer.add(part);
        var gate = answer.gate();
        if (gate != null) {
            judge(gate, Place.RESPONSE);
        }
        if (over) {
            return;
        }
        answer.write(ended, ended ? ((LastHttpContent) part).trailingHeaders() : EmptyHttpHeaders.INSTANCE);
        if (ended) {
            complete(answer);
        }
    }

    private void complete(ForwardedReply answer) {
        var gate = answer.gate();
        if (request.sent() && answer.originStays() && !Headers.authenticateConnection(headers)) {
            origin.keep();
        }
        end();
        parts.enforcer().allowed(subject, policy.recordAllowed(), answer.status(), gate == null ? 0 : gate.received());
        connection.finish(answer.clientStays());
    }

    @Override
    public void replyReadComplete() {
        if (over) {
            return;
        }
        if (reply != null) {
            reply.beginIfAwaited();
        }
        connection.flush();
        if (connection.isWritable()) {
            origin.read();
        }
    }

    @Override
    public void clientWritabilityChanged() {
        if (!over && connection.isWritable()) {
            origin.read();
        }
    }

    // Judgement and the end.

    /** Weighs what is new in a body; where that is let pass all the same, so is the rest. */
    private void judge(BodyGate gate, Place place) {
        var findings = gate.takeFindings();
        weigh(place, findings);
        if (!over && findings.stream().anyMatch(finding -> finding.action() == Action.Block)) {
            gate.openUp();
        }
    }

    private void weigh(Place place, List<Finding> findings) {
        if (findings.isEmpty()) {
            return;
        }
        var denial = parts.enforcer().weigh(policy.mode(), subject, place, findings);
        if (denial != null) {
            deny(denial);
        }
    }

    private void deny(Denial denial) {
        var begun = reply != null && reply.begun();
        end();
        if (begun) {
            connection.abort();
        } else {
            connection.reply(Replies.denial(denial, accept, subject.endpoint(), reply != null));
        }
    }

    private void fail(UpstreamError error, String message) {
        parts.enforcer().failed(subject, error, message, reply != null);
        var begun = reply != null && reply.begun();
        end();
        if (begun) {
            connection.abort();
        } else {
            connection.reply(Failures.upstream(message, subject.requestId(), accept));
        }
    }

    private void end() {
        over = true;
        if (upgrade != null) {
            upgrade.over();
        }
        var account = new BodyAccount(parts, policy, subject, target.host());
        account.settle(request.gate(), policy.limits().requestBody());
        request.release();
        if (reply != null) {
            account.settle(reply.gate(), policy.limits().responseBody());
            reply.release();
        }
        origin.close();
    }

    @Override
    public void clientGone() {
        if (!over) {
            end();
        }
    }

    @Override
    public void idle() {
        if (!over) {
            origin.distrust();
            fail(UpstreamError.TIMEOUT, "nothing came from " + target.host() + " for the idle time");
        }
    }

    @Override
    public void recheck(@Nullable FirewallPolicy now, @Nullable Engagement engagement) {
        if (over) {
            return;
        }
        if (engagement != null && engagement.immediate()) {
            stop("the kill switch was engaged: " + engagement.message());
        } else if (now != null && now != policy) {
            if (now.mode() != Mode.Audit && !rules.allowedBy(now, target, origin.reached())) {
                stop("the new policy does not allow " + target.host());
            }
        }
    }

    private void stop(String why) {
        parts.enforcer().cut(subject, why);
        end();
        connection.abort();
    }
}
