package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.LimitFindings;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What every request, CONNECT and fetch hop is judged by before a name is resolved: target, rate of the client, rate and
 * budget of the domain, headers, and what the target completes of earlier ones, in this order.
 */
public record RequestCheck(FirewallParts parts, FirewallPolicy policy) {
    /**
     * Judges a request.
     *
     * @param url absolute; for CONNECT {@code https://host:port/}
     * @param tunnel true for CONNECT
     * @param headers as received
     * @return the refusal, or null
     */
    public @Nullable Denial judge(Subject subject, String url, String host, boolean tunnel, HttpHeaders headers) {
        var denial = weigh(subject, Place.TARGET, policy.scanner().scanUrl(url, tunnel));
        if (denial == null) {
            denial = limits(subject, host);
        }
        if (denial == null) {
            denial = weigh(subject, Place.REQUEST_HEADERS, policy.scanner().scanHeaders(headers, host));
        }
        return denial != null
                ? denial
                : weigh(subject, Place.TARGET, parts.crossRequest().target(policy, subject.clientIp(), url, tunnel));
    }

    private @Nullable Denial limits(Subject subject, String host) {
        var limits = policy.limits();
        Denial denial = null;
        if (!parts.clientRate().take(subject.clientIp(), limits.requestsPerMinutePerClient())) {
            denial = limit(subject, LimitFindings.clientRate(limits.requestsPerMinutePerClient()));
        }
        if (denial == null && !parts.domainRate().take(host, limits.requestsPerMinutePerHost())) {
            denial = limit(
                    subject,
                    LimitFindings.domainRate(parts.domainRate().domain(host), limits.requestsPerMinutePerHost()));
        }
        if (denial == null && parts.dataBudget().spent(host, limits.bytesPerMinutePerHost())) {
            denial = limit(
                    subject, LimitFindings.dataBudget(parts.domainRate().domain(host), limits.bytesPerMinutePerHost()));
        }
        return denial;
    }

    private @Nullable Denial limit(Subject subject, Finding finding) {
        return weigh(subject, Place.TARGET, List.of(finding));
    }

    private @Nullable Denial weigh(Subject subject, Place place, List<Finding> findings) {
        return parts.enforcer().weigh(policy.mode(), subject, place, findings);
    }
}
