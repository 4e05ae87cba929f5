package dev.portcullis.dataplane.firewall.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import dev.portcullis.dataplane.firewall.net.AddressCheck;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import dev.portcullis.dataplane.metrics.FirewallMetrics.UpstreamError;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /fetch?url=}: fetches a page for an agent and gives it back as JSON with its readable text. Every redirect is
 * judged as a new request is. Belongs to one event loop.
 */
final class FetchExchange implements Exchange, FetchHop.Outcome {
    /** Most fetches at a time: each holds a page in memory. */
    static final int MOST = 64;

    private final ClientConnection connection;
    private final FirewallParts parts;
    private final FirewallPolicy policy;
    private final Subject subject;
    private final HttpHeaders headers;
    private final String requested;
    private final AtomicInteger running;
    private @Nullable RequestTarget target;
    private @Nullable FetchHop hop;
    private PageReaders.@Nullable Reading reading;
    private @Nullable ScheduledFuture<?> deadline;
    private int redirects;
    private boolean over;

    private FetchExchange(
            ClientConnection connection,
            FirewallParts parts,
            FirewallPolicy policy,
            Subject subject,
            HttpHeaders headers,
            String requested,
            AtomicInteger running) {
        this.connection = connection;
        this.parts = parts;
        this.policy = policy;
        this.subject = subject;
        this.headers = headers;
        this.requested = requested;
        this.running = running;
    }

    /**
     * The exchange of a request to /fetch.
     *
     * @param running counts the fetches that run
     */
    static Exchange open(
            ClientConnection connection,
            FirewallParts parts,
            FirewallPolicy policy,
            Subject subject,
            FetchQuery query,
            HttpRequest head,
            AtomicInteger running) {
        var method = head.method().name();
        if (!policy.fetch().enabled()) {
            return new Immediate(() -> connection.reply(error(404, "this policy has no fetch endpoint")));
        }
        if (!method.equals("GET")) {
            return new Immediate(() -> {
                var reply = error(405, "method not allowed: use GET");
                reply.headers().set(HttpHeaderNames.ALLOW, "GET");
                connection.reply(reply);
            });
        }
        var url = query.url();
        if (url == null || url.isEmpty()) {
            return new Immediate(() -> connection.reply(error(400, "write /fetch?url= and an absolute URL")));
        }
        return new FetchExchange(connection, parts, policy, subject, head.headers(), url, running);
    }

    @Override
    public void start() {
        if (running.incrementAndGet() > MOST) {
            deny(parts.enforcer().refuse(subject, tooMany()));
            return;
        }
        deadline = connection
                .loop()
                .schedule(
                        () -> failed(UpstreamError.TIMEOUT, "the fetch took too long"),
                        policy.fetch().timeoutMillis(),
                        TimeUnit.MILLISECONDS);
        go(requested, headers);
    }

    private void go(String url, HttpHeaders judged) {
        RequestTarget next;
        try {
            next = RequestTarget.absolute(url);
        } catch (MalformedRequestException e) {
            finish(error(redirects == 0 ? 400 : 502, e.sentence()));
            return;
        }
        target = next;
        subject.target("GET", url, next.host());
        var denial = new RequestCheck(parts, policy).judge(subject, url, next.host(), false, judged);
        if (denial != null) {
            deny(denial);
            return;
        }
        var nextHop = new FetchHop(next, policy.limits().responseBody(), this);
        hop = nextHop;
        nextHop.start(parts.dialer(), connection.loop(), policy.upstreamTls());
    }

    @Override
    public boolean resolved(List<InetAddress> addresses) {
        var to = target;
        return to != null && pass(Place.TARGET, AddressCheck.findings(policy, to.host(), addresses));
    }

    @Override
    public void fetched(HttpResponse head, byte[] body) {
        connection.touch();
        var from = target;
        if (from != null) {
            parts.dataBudget().spend(from.host(), body.length, policy.limits().bytesPerMinutePerHost());
        }
        var location = head.headers().get(HttpHeaderNames.LOCATION);
        var status = head.status().code();
        if (location != null && status >= 301 && status <= 308 && status != 304) {
            redirect(location);
            return;
        }
        var page = new PageReading(policy, from == null ? "" : from.host(), head, body, reply(requested));
        reading = parts.pageReaders().begin(page, connection.loop(), this::read);
        if (reading == null) {
            deny(parts.enforcer().refuse(subject, tooMany()));
        }
    }

    /** The page was read, or given up. */
    private void read(PageReading page) {
        reading = null;
        if (over) {
            running.decrementAndGet();
            return;
        }
        connection.touch();
        for (var findings : page.findings()) {
            if (!pass(Place.RESPONSE, findings)) {
                return;
            }
        }
        var document = page.document();
        if (document == null) {
            end();
            connection.abort();
            return;
        }
        var done = Replies.of(200, Replies.JSON, document);
        var wouldBlock = subject.wouldBlock();
        if (wouldBlock != null) {
            done.headers().set(Denial.WOULD_HEADER, wouldBlock);
        }
        parts.enforcer().allowed(subject, policy.recordAllowed(), page.status(), page.length());
        finish(done);
    }

    private void redirect(String location) {
        if (++redirects > policy.fetch().maxRedirects()) {
            failed(UpstreamError.PROTOCOL, "more than " + policy.fetch().maxRedirects() + " redirects");
            return;
        }
        var from = target;
        try {
            var next = from == null
                    ? location
                    : URI.create(from.url()).resolve(location).toString();
            var hash = next.indexOf('#');
            go(Ascii.target(hash < 0 ? next : next.substring(0, hash)), new DefaultHttpHeaders());
        } catch (IllegalArgumentException e) {
            failed(UpstreamError.PROTOCOL, "the redirect leads to something that is not a URL");
        }
    }

    @Override
    public void tooLarge() {
        var limit = policy.limits().responseBody();
        deny(parts.enforcer()
                .refuse(
                        subject,
                        new Finding(
                                ScannerName.RESPONSE_SIZE,
                                "fetch-size",
                                Severity.medium,
                                Action.Block,
                                "plaintext",
                                "body",
                                limit,
                                "the page is larger than the " + limit + " bytes that a fetch may bring",
                                "limits:\n  responseBody: " + limit * 2)));
    }

    @Override
    public void undecodable() {
        deny(parts.enforcer().refuse(subject, new BodyDirection(policy, false, "", "").unknownCoding()));
    }

    @Override
    public void failed(UpstreamError error, String message) {
        if (!over) {
            parts.enforcer().failed(subject, error, message);
            finish(Replies.json(502, reply(shown()).put("error", message).put("blocked", false)));
        }
    }

    /** The URL as it may be told: without what was found in it. */
    private String shown() {
        return redirects == 0 ? subject.url() : requested;
    }

    private boolean pass(Place place, List<Finding> findings) {
        var denial = parts.enforcer().weigh(policy.mode(), subject, place, findings);
        if (denial != null) {
            deny(denial);
        }
        return denial == null;
    }

    private void deny(Denial denial) {
        var reply = denial.json();
        reply.put("url", shown());
        reply.put("agent", subject.agent());
        if (redirects > 0) {
            reply.put("block_reason", "redirect blocked: " + denial.message());
        }
        // A page that is too large is the origin's fault, as the reference has it.
        var status = denial.scanner().equals(ScannerName.RESPONSE_SIZE.label()) ? 502 : denial.status();
        var refused = Replies.json(status, reply);
        refused.headers().set(Denial.HEADER, denial.scanner());
        finish(refused);
    }

    private static Finding tooMany() {
        return new Finding(
                ScannerName.RATELIMIT,
                "fetches",
                Severity.low,
                Action.Block,
                "plaintext",
                "request",
                -1,
                "more than " + MOST + " fetches are running: try again later",
                "");
    }

    private ObjectNode reply(String url) {
        return JsonNodeFactory.instance.objectNode().put("url", url).put("agent", subject.agent());
    }

    private static FullHttpResponse error(int status, String message) {
        return Replies.json(
                status,
                JsonNodeFactory.instance.objectNode().put("error", message).put("blocked", false));
    }

    private void finish(FullHttpResponse reply) {
        if (!over) {
            end();
            connection.reply(reply);
        } else {
            reply.release();
        }
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        if (reading == null) {
            running.decrementAndGet();
        } else {
            // Its place is free once nothing of the page is held any more.
            reading.giveUp();
        }
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (hop != null) {
            hop.stop();
        }
    }

    @Override
    public void clientGone() {
        end();
    }

    @Override
    public void idle() {
        failed(UpstreamError.TIMEOUT, "nothing came for the idle time");
    }

    @Override
    public void recheck(@Nullable FirewallPolicy now, @Nullable Engagement engagement) {
        var to = target;
        if (over) {
            return;
        }
        if (engagement != null && engagement.immediate()) {
            stop("the kill switch was engaged: " + engagement.message());
        } else if (now != null && now != policy && to != null && now.mode() != Mode.Audit) {
            var rules = RequestRules.chosenByClient(parts, now);
            if (!now.fetch().enabled() || !rules.allowedBy(now, to, hop == null ? null : hop.reached())) {
                stop("the new policy does not allow to fetch from " + to.host());
            }
        }
    }

    private void stop(String why) {
        parts.enforcer().cut(subject, why);
        end();
        connection.abort();
    }

    @Override
    public boolean wantsContent() {
        return !over;
    }

    @Override
    public void content(HttpContent part) {
        part.release();
    }

    @Override
    public void unreadable(String sentence) {
        if (!over) {
            deny(parts.enforcer().malformed(subject, "framing", sentence));
        }
    }

    @Override
    public void clientWritabilityChanged() {}
}
