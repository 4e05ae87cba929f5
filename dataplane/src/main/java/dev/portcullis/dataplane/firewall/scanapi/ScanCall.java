package dev.portcullis.dataplane.firewall.scanapi;

import dev.portcullis.crd.v1alpha1.ScanApiSpec.ScanKind;
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
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call of the scan API. Its head is judged by {@link Admission}; then come JSON, kind, whether that kind is answered,
 * input, and the scan, which is a {@link ScanRun}. Belongs to one event loop.
 */
final class ScanCall implements Exchange, ScanRun.Ended {
    /** Largest body, in bytes. */
    static final int LARGEST_BODY = 1 << 20;

    private static final int FIRST_BODY = 16 * 1024;
    private static final byte[] NONE = {};

    private final ScanApi api;
    private final ClientConnection connection;
    private final HttpRequest head;
    private final Subject subject;
    private final Admission admission;
    private final String scanId;
    private final @Nullable FirewallPolicy policy;

    private byte[] body = NONE;
    private int length;
    private boolean bodyEnded;
    private boolean over;
    private String token = "";
    private @Nullable ScheduledFuture<?> timer;
    private @Nullable ScanRequest request;
    private @Nullable ScanRun run;

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
        admission = new Admission(api, subject);
    }

    // The head.

    @Override
    public void start() {
        api.metrics().began();
        try {
            token = admission.admit(head, connection.client(), policy);
        } catch (ScanRefusedException e) {
            refuse(e);
            return;
        }
        timer = connection
                .loop()
                .schedule(
                        () -> failed(ScanError.READ_ERROR, "the body did not arrive in time"),
                        api.bounds().readMillis(),
                        TimeUnit.MILLISECONDS);
        if (HttpUtil.is100ContinueExpected(head)) {
            connection.sendContinue();
        }
        connection.contentWanted();
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
            grow(length + more);
            bytes.readBytes(body, length, more);
            length += more;
        }
        part.release();
        if (over) {
            return;
        }
        if (tooLarge) {
            failed(ScanError.BODY_TOO_LARGE, "the body is larger than " + LARGEST_BODY + " bytes");
        } else if (bodyEnded) {
            stopTimer();
            read();
        }
    }

    private void grow(int needed) {
        if (needed > body.length) {
            var expected = (int) Math.min(HttpUtil.getContentLength(head, 0L), FIRST_BODY);
            body = Arrays.copyOf(body, Math.max(Math.max(needed, expected), body.length * 2));
        }
    }

    private void read() {
        var now = policy;
        if (now == null || now.scanApi() == null) {
            throw new IllegalStateException("a call without a policy was admitted");
        }
        ScanRequest read;
        try {
            read = ScanRequestReader.read(body, length, now.scanApi().kinds());
            checkLengths(read, now);
        } catch (ScanRefusedException e) {
            refuse(e);
            return;
        } finally {
            body = NONE;
        }
        if (read.inputs().size() > 1) {
            api.rate().charge(token, read.inputs().size() - 1);
        }
        request = read;
        subject.agent(read.agentName(), false);
        var scans = new ScanRun(api, now, read, connection.loop(), this);
        run = scans;
        scans.start();
    }

    /** What the policy's limits leave unscanned cannot be answered. */
    private static void checkLengths(ScanRequest read, FirewallPolicy policy) throws ScanRefusedException {
        for (var input : read.inputs()) {
            var outgoing = input.kind() == ScanKind.dlp || input.kind() == ScanKind.tool_call;
            var incoming = input.kind() == ScanKind.prompt_injection || input.kind() == ScanKind.tool_call;
            // Keys and values are scanned as lines too, which are longer than the arguments where those are short.
            var size = input.kind() == ScanKind.tool_call
                    ? input.name().getBytes(StandardCharsets.UTF_8).length + 2L * input.text().length
                    : input.text().length;
            if (outgoing && size > policy.limits().requestBody()) {
                throw longer(input.kind(), "requestBody");
            }
            if (incoming && size > policy.limits().responseBody()) {
                throw longer(input.kind(), "responseBody");
            }
        }
    }

    private static ScanRefusedException longer(ScanKind kind, String limit) {
        return new ScanRefusedException(
                ScanError.INVALID_INPUT,
                kind.name(),
                "the input may be longer than the policy scans (spec.limits." + limit + ")");
    }

    // The end.

    @Override
    public void completed(ScanRun scans, long nanos) {
        var asked = request;
        var now = policy;
        if (over || asked == null || now == null) {
            return;
        }
        end();
        var results = scans.results();
        var seconds = nanos / 1e9 / results.size();
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
        var millis = nanos / 1_000_000;
        if (now.recordAllowed() || ScanRecord.found(results)) {
            api.audit().record(ScanRecord.of(subject.clientIp(), asked, scans, scanId, millis));
        }
        var reply = Replies.of(200, Replies.JSON, ScanReply.completed(asked, results, scanId, millis, api.version()));
        if (scans.wouldDeny()) {
            reply.headers().set(Denial.WOULD_HEADER, "scan_api");
        }
        connection.reply(reply);
    }

    @Override
    public void failed(ScanError error, String message) {
        var scans = run;
        if (!over && scans != null) {
            api.metrics().broken(scans.kind(), scans.inputTook() / 1e9);
        }
        fail(error, message, scans == null ? "" : scans.kind());
    }

    private void refuse(ScanRefusedException refusal) {
        fail(refusal.error(), refusal.sentence(), refusal.kind());
    }

    private void fail(ScanError error, String message, String kind) {
        if (over) {
            return;
        }
        end();
        api.metrics().failed(kind, error.status(), error.code());
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
        if (run != null) {
            run.stop();
        }
        api.metrics().ended();
        body = NONE;
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    @Override
    public void clientWritabilityChanged() {}

    @Override
    public void unreadable(String sentence) {
        failed(ScanError.READ_ERROR, sentence);
    }

    @Override
    public void clientGone() {
        failed(bodyEnded ? ScanError.REQUEST_CANCELED : ScanError.READ_ERROR, "the client went away");
    }

    @Override
    public void idle() {
        // The deadlines of a call are shorter than any idle time.
    }

    @Override
    public void recheck(@Nullable FirewallPolicy now, @Nullable Engagement engagement) {
        if (!over && engagement != null && engagement.immediate()) {
            var refusal = admission.killed(engagement);
            failed(refusal.error(), refusal.sentence());
        }
    }
}
