package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.DomainRate;
import dev.portcullis.dataplane.firewall.verdict.Enforcer;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What every request, CONNECT and fetch hop is judged by before a name is resolved: target, rate, headers, in this order. */
public record RequestCheck(Enforcer enforcer, DomainRate domainRate, FirewallPolicy policy) {
    /**
     * Judges a request.
     *
     * @param url absolute; for CONNECT {@code https://host:port/}
     * @param tunnel true for CONNECT
     * @param headers as received
     * @return the refusal, or null
     */
    public @Nullable Denial judge(Subject subject, String url, String host, boolean tunnel, HttpHeaders headers) {
        var mode = policy.mode();
        var denial =
                enforcer.weigh(mode, subject, Place.TARGET, policy.scanner().scanUrl(url, tunnel));
        if (denial != null) {
            return denial;
        }
        var limit = policy.limits().requestsPerMinutePerHost();
        if (!domainRate.take(host, limit)) {
            denial = enforcer.weigh(mode, subject, Place.TARGET, List.of(rate(domainRate.domain(host), limit)));
            if (denial != null) {
                return denial;
            }
        }
        return enforcer.weigh(
                mode, subject, Place.REQUEST_HEADERS, policy.scanner().scanHeaders(headers, host));
    }

    private static Finding rate(String domain, int limit) {
        return new Finding(
                ScannerName.RATELIMIT,
                "requests-per-minute",
                Severity.low,
                Action.Block,
                "plaintext",
                "host",
                -1,
                "more than " + limit + " requests in a minute to " + domain,
                "limits:\n  requestsPerMinutePerHost: " + limit * 2);
    }
}
