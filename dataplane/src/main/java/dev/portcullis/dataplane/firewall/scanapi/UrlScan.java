package dev.portcullis.dataplane.firewall.scanapi;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.net.AddressCheck;
import dev.portcullis.dataplane.firewall.net.NameResolver;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.url.Url;
import dev.portcullis.dataplane.firewall.verdict.DomainRate;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;

/**
 * Everything that a request to a URL would be judged by before it is sent: the URL's stages, the rate of its domain, and
 * the addresses its host resolves to. The rate is looked at and not used up.
 */
final class UrlScan extends InputScan {
    private final DomainRate domainRate;
    private final NameResolver names;
    private final FirewallPolicy policy;
    private final String url;
    private final EventLoop loop;
    private final Runnable resume;
    private boolean asked;

    /**
     * A scan of {@code url}.
     *
     * @param resume called on {@code loop} when it can go on
     */
    UrlScan(
            DomainRate domainRate,
            NameResolver names,
            FirewallPolicy policy,
            String url,
            EventLoop loop,
            Runnable resume) {
        this.domainRate = domainRate;
        this.names = names;
        this.policy = policy;
        this.url = url;
        this.loop = loop;
        this.resume = resume;
    }

    @Override
    Step step() {
        if (asked) {
            return Step.DONE;
        }
        asked = true;
        policy.scanner().scanUrl(url, false).forEach(finding -> add(ScanFinding.inUrl(finding)));
        if (findings().stream().anyMatch(finding -> finding.action() == Action.Block)) {
            return Step.DONE;
        }
        var parsed = Url.parse(url);
        if (parsed == null) {
            add(new ScanFinding("url", "URL-parser", Severity.medium, Action.Block, "this is not an absolute URL", ""));
            return Step.DONE;
        }
        var limit = policy.limits().requestsPerMinutePerHost();
        if (domainRate.full(parsed.host(), limit)) {
            add(new ScanFinding(
                    "url",
                    "URL-ratelimit",
                    Severity.medium,
                    Action.Block,
                    "more than " + limit + " requests in the last minute went to " + domainRate.domain(parsed.host()),
                    ""));
            return Step.DONE;
        }
        names.resolve(loop, parsed.host()).addListener(answer -> resolved(parsed.host(), answer));
        return Step.WAITS;
    }

    private void resolved(String host, Future<? super List<InetAddress>> answer) {
        if (answer.isSuccess() && answer.getNow() instanceof List<?> addresses) {
            AddressCheck.findings(
                            policy,
                            host,
                            addresses.stream().map(InetAddress.class::cast).toList())
                    .forEach(finding -> add(ScanFinding.inUrl(finding)));
        } else {
            add(new ScanFinding(
                    "url",
                    "URL-ssrf",
                    Severity.medium,
                    Action.Block,
                    host + " cannot be resolved, so that where it leads is not known",
                    ""));
        }
        resume.run();
    }
}
