package dev.portcullis.dataplane.firewall.scanapi;

import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What a call's head is judged by, in this order: method, token, rate, kill switch, size. */
final class Admission {
    private final ScanApi api;
    private final Subject subject;

    Admission(ScanApi api, Subject subject) {
        this.api = api;
        this.subject = subject;
    }

    /**
     * What tells the token that {@code head} presents from the others.
     *
     * @param policy the policy in force, null before there is one
     * @throws ScanRefusedException where the body is not to be read
     */
    String admit(HttpRequest head, InetAddress client, @Nullable FirewallPolicy policy) throws ScanRefusedException {
        if (head.decoderResult().isFailure()) {
            throw refused(ScanError.READ_ERROR, "the request is not HTTP/1.1");
        }
        if (!head.method().equals(HttpMethod.POST)) {
            throw refused(ScanError.METHOD_NOT_ALLOWED, "method not allowed: use POST");
        }
        if (policy == null) {
            throw refused(ScanError.CONFIG_UNAVAILABLE, "no policy was received yet");
        }
        var rules = policy.scanApi();
        if (rules == null) {
            throw refused(ScanError.SCAN_UNAVAILABLE, "the policy in force has no scan API");
        }
        var token = rules.tokens().presentedBy(head.headers().getAll(HttpHeaderNames.AUTHORIZATION));
        if (token == null) {
            throw refused(ScanError.UNAUTHORIZED, "a valid bearer token is required");
        }
        if (!api.rate().take(token, rules.requestsPerMinute(), rules.tokens().ids())) {
            throw refused(
                    ScanError.RATE_LIMITED,
                    "this token may have " + rules.requestsPerMinute() + " inputs a minute scanned");
        }
        var engagement = api.parts().killSwitch().engagementFor(client);
        if (engagement != null) {
            throw killed(engagement);
        }
        var coding = head.headers().get(HttpHeaderNames.CONTENT_ENCODING);
        if (coding != null && !coding.equalsIgnoreCase("identity")) {
            throw refused(ScanError.READ_ERROR, "the body must not be compressed");
        }
        if (HttpUtil.getContentLength(head, 0L) > ScanCall.LARGEST_BODY) {
            throw refused(ScanError.BODY_TOO_LARGE, "the body is larger than " + ScanCall.LARGEST_BODY + " bytes");
        }
        return token;
    }

    /** The refusal of a call while a kill switch is engaged, which is counted. */
    ScanRefusedException killed(Engagement engagement) {
        var unused = api.parts().enforcer().killed(subject, engagement.source().label(), engagement.message());
        return refused(ScanError.KILL_SWITCH_ACTIVE, engagement.message());
    }

    private static ScanRefusedException refused(ScanError error, String message) {
        return new ScanRefusedException(error, "", message);
    }
}
