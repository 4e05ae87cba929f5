package dev.portcullis.dataplane.firewall.scanapi;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.crd.v1alpha1.ScanApiSpec.ScanKind;
import dev.portcullis.dataplane.audit.AuditEvent;
import dev.portcullis.dataplane.audit.AuditEvent.Level;
import dev.portcullis.dataplane.firewall.http.ClientConnection;
import dev.portcullis.dataplane.firewall.http.Exchange;
import dev.portcullis.dataplane.firewall.http.Replies;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Endpoint;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of the scan API. Checked in this order: method, token, rate, kill switch, size, JSON, kind, whether that kind is
 * answered, input; then scanned. The deadline is looked at before and after every step, and what it cuts short is an error
 * and never an {@code allow}. Belongs to one event loop.
 */
final class ScanCall implements Exchange {
    /** Largest body, in bytes. */
    static final int LARGEST_BODY = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ScanCall.class);

    private final ScanApi api;
    private final ClientConnection connection;
    private final HttpRequest head;
    private final Subject subject;
    private final String scanId;
    private final @Nullable FirewallPolicy policy;

    private byte[] body = new byte[0];
    private int length;
    private boolean bodyEnded;
    private boolean over;
    private String token = "";
    private String kind = "";
    private @Nullable ScheduledFuture<?> timer;
    private @Nullable ScanRequest request;
    private @Nullable InputScan scan;
    private final List<ScanReply.Result> results = new ArrayList<>(1);
    private boolean wouldDeny;
    private long startedNanos;
    private long inputNanos;

    ScanCall(ScanApi api, ClientConnection connection, HttpRequest head, String path) {
        this.api = api;
        this.connection = connection;
        this.head = head;
        this.scanId = api.ids().next();
        this.policy = api.parts().policies().get();
        subject = new Subject(
                api.parts().requestIds().next(),
                connection.client().getHostAddress(),
                Endpoint.SCAN_API,
                api.parts().nanoClock().getAsLong());
        subject.target(head.method().name(), path, "");
    }

    // The head.

    @Override
    public void start() {
        api.metrics().began();
        if (!admitted()) {
            return;
        }
        timer = connection
                .loop()
                .schedule(
                        () -> fail(ScanError.READ_ERROR, "the body did not arrive in time"),
                        api.bounds().readMillis(),
                        TimeUnit.MILLISECONDS);
        if (HttpUtil.is100ContinueExpected(head)) {
            connection.sendContinue();
        }
        connection.contentWanted();
    }

    private boolean admitted() {
        if (head.decoderResult().isFailure()) {
            return refused(ScanError.READ_ERROR, "the request is not HTTP/1.1");
        }
        if (!head.method().equals(HttpMethod.POST)) {
            return refused(ScanError.METHOD_NOT_ALLOWED, "method not allowed: use POST");
        }
        if (policy == null) {
            return refused(ScanError.CONFIG_UNAVAILABLE, "no policy was received yet");
        }
        var rules = policy.scanApi();
        if (rules == null) {
            return refused(ScanError.SCAN_UNAVAILABLE, "the policy in force has no scan API");
        }
        var presented = rules.tokens().presentedBy(head.headers().get(HttpHeaderNames.AUTHORIZATION));
        if (presented == null) {
            return refused(ScanError.UNAUTHORIZED, "a valid bearer token is required");
        }
        token = presented;
        if (!api.rate().take(token, rules.requestsPerMinute(), rules.tokens().ids())) {
            return refused(
                    ScanError.RATE_LIMITED,
                    "this token may have " + rules.requestsPerMinute() + " inputs a minute scanned");
        }
        var engagement = api.parts().killSwitch().engagementFor(connection.client());
        if (engagement != null) {
            return killed(engagement);
        }
        var coding = head.headers().get(HttpHeaderNames.CONTENT_ENCODING);
        if (coding != null && !coding.equalsIgnoreCase("identity")) {
            return refused(ScanError.READ_ERROR, "the body must not be compressed");
        }
        if (HttpUtil.getContentLength(head, 0L) > LARGEST_BODY) {
            return refused(ScanError.BODY_TOO_LARGE, "the body is larger than " + LARGEST_BODY + " bytes");
        }
        return true;
    }

    private boolean killed(Engagement engagement) {
        var unused = api.parts().enforcer().killed(subject, engagement.source().label(), engagement.message());
        return refused(ScanError.KILL_SWITCH_ACTIVE, engagement.message());
    }

    private boolean refused(ScanError error, String message) {
        fail(error, message);
        return false;
    }

    // The body.

    @Override
    public boolean wantsContent() {
        return !over && !bodyEnded;
    }

    @Override
    public void content(HttpContent part) {
        bodyEnded = part instanceof LastHttpContent;
        var bytes = part.content();
        var more = bytes.readableBytes();
        var tooLarge = length + more > LARGEST_BODY;
        if (!over && !tooLarge) {
            if (length + more > body.length) {
                var expected = (int) Math.min(HttpUtil.getContentLength(head, 0L), 16 * 1024L);
                body = Arrays.copyOf(body, Math.max(Math.max(length + more, expected), body.length * 2));
            }
            bytes.readBytes(body, length, more);
            length += more;
        }
        part.release();
        if (over) {
            return;
        }
        if (tooLarge) {
            fail(ScanError.BODY_TOO_LARGE, "the body is larger than " + LARGEST_BODY + " bytes");
        } else if (bodyEnded) {
            stopTimer();
            read();
        }
    }

    private void read() {
        var now = policy;
        if (now == null || now.scanApi() == null) {
            throw new IllegalStateException("a call without a policy was admitted");
        }
        try {
            var read = ScanRequestReader.read(body, length, now.scanApi().kinds());
            checkLengths(read, now);
            if (read.inputs().size() > 1) {
                api.rate().charge(token, read.inputs().size() - 1);
            }
            request = read;
            subject.agent(read.agentName(), false);
        } catch (ScanRefusedException e) {
            kind = e.kind();
            fail(e.error(), e.sentence());
            return;
        } finally {
            body = new byte[0];
        }
        startedNanos = nanos();
        timer = connection.loop().schedule(this::pastDeadline, api.bounds().scanMillis(), TimeUnit.MILLISECONDS);
        nextInput();
    }

    /** What the policy's limits leave unscanned cannot be answered. */
    private static void checkLengths(ScanRequest read, FirewallPolicy policy) throws ScanRefusedException {
        for (var input : read.inputs()) {
            var outgoing = input.kind() == ScanKind.dlp || input.kind() == ScanKind.tool_call;
            var incoming = input.kind() == ScanKind.prompt_injection || input.kind() == ScanKind.tool_call;
            // Keys and values are scanned as lines too, which are longer than the arguments where those are short.
            var size = input.textBytes() + input.arguments().length * 2L;
            if (outgoing && size > policy.limits().requestBody()) {
                throw new ScanRefusedException(
                        ScanError.INVALID_INPUT,
                        input.kind().name(),
                        "the input may be longer than the policy scans (spec.limits.requestBody)");
            }
            if (incoming && size > policy.limits().responseBody()) {
                throw new ScanRefusedException(
                        ScanError.INVALID_INPUT,
                        input.kind().name(),
                        "the input may be longer than the policy scans (spec.limits.responseBody)");
            }
        }
    }

    // The scan.

    private void nextInput() {
        var now = policy;
        var asked = request;
        if (over || now == null || asked == null) {
            return;
        }
        if (results.size() == asked.inputs().size()) {
            answer(asked, now);
            return;
        }
        var input = asked.inputs().get(results.size());
        kind = input.kind().name();
        inputNanos = nanos();
        scan = InputScans.open(api, now, input, connection.loop(), this::step);
        step();
    }

    private void step() {
        var current = scan;
        if (over || current == null) {
            return;
        }
        try {
            if (nanos() - startedNanos > api.bounds().scanMillis() * 1_000_000) {
                pastDeadline();
                return;
            }
            switch (current.step()) {
                case AGAIN -> connection.loop().execute(this::step);
                case WAITS -> {}
                case DONE -> decided(current);
            }
        } catch (RuntimeException e) {
            LOG.error("A scan of kind {} failed.", kind, e);
            fail(ScanError.INTERNAL_ERROR, "the scan failed; the log of the proxy says why");
        }
    }

    private void decided(InputScan done) {
        if (nanos() - startedNanos > api.bounds().scanMillis() * 1_000_000) {
            pastDeadline();
            return;
        }
        var now = policy;
        var findings = List.copyOf(done.findings());
        var blocks = findings.stream().anyMatch(finding -> finding.action() == Action.Block);
        if (blocks && now != null && now.mode() == Mode.Audit) {
            wouldDeny = true;
            blocks = false;
        }
        var result = new ScanReply.Result(kind, blocks, findings);
        results.add(result);
        scan = null;
        nextInput();
    }

    private void pastDeadline() {
        fail(
                ScanError.SCAN_DEADLINE_EXCEEDED,
                "the scan took longer than " + api.bounds().scanMillis() + " ms");
    }

    // The end.

    private void answer(ScanRequest asked, FirewallPolicy now) {
        end();
        var took = nanos() - startedNanos;
        var seconds = took / 1e9 / results.size();
        for (var result : results) {
            api.metrics().scanned(result.kind(), result.decision(), seconds);
            for (var finding : result.findings()) {
                api.metrics()
                        .found(
                                result.kind(),
                                finding.scanner(),
                                finding.severity().name());
            }
        }
        record(asked, now, took / 1_000_000);
        var reply = Replies.of(
                200, Replies.JSON, ScanReply.completed(asked, results, scanId, took / 1_000_000, api.version()));
        if (wouldDeny) {
            reply.headers().set(Denial.WOULD_HEADER, "scan_api");
        }
        connection.reply(reply);
    }

    private void record(ScanRequest asked, FirewallPolicy now, long millis) {
        var rules = results.stream()
                .flatMap(result -> result.findings().stream())
                .map(ScanFinding::ruleId)
                .distinct()
                .limit(InputScan.FINDINGS)
                .toList();
        if (rules.isEmpty() && !now.recordAllowed()) {
            return;
        }
        var deny = results.stream().anyMatch(ScanReply.Result::deny);
        api.audit()
                .record(new AuditEvent(rules.isEmpty() ? Level.INFO : Level.WARN, "scan_api", "scan API answered")
                        .with("client_ip", subject.clientIp())
                        .with("request_id", asked.requestId())
                        .with("scan_id", scanId)
                        .with("session", asked.sessionId())
                        .with("agent", asked.agentName())
                        .with("action", deny ? "deny" : "allow")
                        .with("would_block", wouldDeny ? "scan_api" : null)
                        .with("inputs", results.size())
                        .with("rules", rules.isEmpty() ? null : rules)
                        .with("duration_ms", millis));
    }

    private void fail(ScanError error, String message) {
        if (over) {
            return;
        }
        end();
        api.metrics().failed(kind, error.status(), error.code());
        if (startedNanos != 0) {
            api.metrics().broken(kind, (nanos() - inputNanos) / 1e9);
        }
        if (error == ScanError.REQUEST_CANCELED) {
            return;
        }
        var asked = request;
        var reply = Replies.of(
                error.status(),
                Replies.JSON,
                ScanReply.error(error, message, kind, scanId, asked == null ? null : asked.requestId(), api.version()));
        switch (error) {
            case METHOD_NOT_ALLOWED -> reply.headers().set(HttpHeaderNames.ALLOW, "POST");
            case UNAUTHORIZED -> reply.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"portcullis\"");
            case RATE_LIMITED -> reply.headers().set(HttpHeaderNames.RETRY_AFTER, "1");
            default -> {}
        }
        connection.reply(reply);
    }

    private void end() {
        over = true;
        stopTimer();
        api.metrics().ended();
        body = new byte[0];
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private long nanos() {
        return api.parts().nanoClock().getAsLong();
    }

    @Override
    public void clientWritabilityChanged() {}

    @Override
    public void clientGone() {
        fail(bodyEnded ? ScanError.REQUEST_CANCELED : ScanError.READ_ERROR, "the client went away");
    }

    @Override
    public void idle() {
        // The deadlines of a call are shorter than any idle time.
    }

    @Override
    public void recheck(@Nullable FirewallPolicy now, @Nullable Engagement engagement) {
        if (!over && engagement != null && engagement.immediate()) {
            var unused = killed(engagement);
        }
    }
}
