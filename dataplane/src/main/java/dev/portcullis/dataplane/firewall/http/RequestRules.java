package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.net.AddressCheck;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a forwarded request is judged by beside its bodies; it depends on who chose where the request goes. */
interface RequestRules {
    /** Judges target and headers. @return the refusal, or null */
    @Nullable
    Denial judge(Subject subject, RequestTarget target, HttpHeaders headers);

    /** What is wrong with connecting to {@code addresses}. */
    List<Finding> addresses(String host, List<InetAddress> addresses);

    /**
     * True where {@code now} would let the request begin.
     *
     * @param reached the address of the origin; null before there is a connection to it
     */
    boolean allowedBy(FirewallPolicy now, RequestTarget target, @Nullable InetAddress reached);

    /** What of the body of a request with {@code headers} is looked at beside {@code scan}. */
    BodyScan beside(Subject subject, String host, HttpHeaders headers, BodyScan scan);

    /** Changes the headers that go to the origin, which are already without what concerns one hop. */
    void prepare(HttpHeaders headers);

    /** For requests whose client chose the target: everything is judged. */
    static RequestRules chosenByClient(FirewallParts parts, FirewallPolicy policy) {
        return new RequestRules() {
            @Override
            public @Nullable Denial judge(Subject subject, RequestTarget target, HttpHeaders headers) {
                return new RequestCheck(parts, policy).judge(subject, target.url(), target.host(), false, headers);
            }

            @Override
            public List<Finding> addresses(String host, List<InetAddress> addresses) {
                return AddressCheck.findings(policy, host, addresses);
            }

            @Override
            public boolean allowedBy(FirewallPolicy now, RequestTarget target, @Nullable InetAddress reached) {
                var findings = new ArrayList<Finding>(now.scanner().scanUrl(target.url(), false));
                if (reached != null) {
                    findings.addAll(AddressCheck.findings(now, target.host(), List.of(reached)));
                }
                return findings.stream().noneMatch(finding -> finding.action() == Action.Block);
            }

            @Override
            public BodyScan beside(Subject subject, String host, HttpHeaders headers, BodyScan scan) {
                var type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
                return parts.crossRequest().body(policy, subject.clientIp(), type, host, scan);
            }

            @Override
            public void prepare(HttpHeaders headers) {}
        };
    }

    /**
     * For requests whose target the policy names: secrets in path, query and headers are looked for; the target itself needs
     * no permission.
     *
     * @param forwarded what the server behind is told about the client: header and value in turn
     */
    static RequestRules namedByPolicy(FirewallParts parts, FirewallPolicy policy, List<String> forwarded) {
        return new RequestRules() {
            @Override
            public @Nullable Denial judge(Subject subject, RequestTarget target, HttpHeaders headers) {
                var enforcer = parts.enforcer();
                var denial = enforcer.weigh(
                        policy.mode(),
                        subject,
                        Place.TARGET,
                        policy.scanner().scanPath(target.pathAndQuery(), target.host()));
                return denial != null
                        ? denial
                        : enforcer.weigh(
                                policy.mode(),
                                subject,
                                Place.REQUEST_HEADERS,
                                policy.scanner().scanHeaders(headers, target.host()));
            }

            @Override
            public List<Finding> addresses(String host, List<InetAddress> addresses) {
                return List.of();
            }

            @Override
            public boolean allowedBy(FirewallPolicy now, RequestTarget target, @Nullable InetAddress reached) {
                return true;
            }

            /** What clients send to a server of their own is no way out, and does not count as such. */
            @Override
            public BodyScan beside(Subject subject, String host, HttpHeaders headers, BodyScan scan) {
                return scan;
            }

            @Override
            public void prepare(HttpHeaders headers) {
                for (var i = 0; i < forwarded.size(); i += 2) {
                    headers.set(forwarded.get(i), forwarded.get(i + 1));
                }
            }
        };
    }
}
