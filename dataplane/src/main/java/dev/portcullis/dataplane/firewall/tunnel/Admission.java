package dev.portcullis.dataplane.firewall.tunnel;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.http.RequestCheck;
import dev.portcullis.dataplane.firewall.killswitch.KillSwitch.Engagement;
import dev.portcullis.dataplane.firewall.net.AddressCheck;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Place;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What every CONNECT is judged by before anything is opened for it, and its place among the tunnels that may be open.
 * Belongs to one event loop.
 */
public final class Admission {
    private final ConnectRequest request;
    private final FirewallParts parts;
    private final FirewallPolicy policy;
    private final Subject subject;
    private boolean counted;

    /** The judgement of {@code request}. */
    public Admission(ConnectRequest request) {
        this.request = request;
        this.parts = request.parts();
        this.policy = request.policy();
        this.subject = request.subject();
    }

    /** Judges it, and takes its place; the refusal, or null. Call {@link #leave} once it is over, refused or not. */
    public @Nullable Denial judge() {
        var denial = parts.enforcer()
                .weigh(policy.mode(), subject, Place.TARGET, TunnelFindings.rules(policy.connect(), request.port()));
        if (denial == null) {
            denial = new RequestCheck(parts, policy)
                    .judge(
                            subject,
                            request.url(),
                            request.host(),
                            true,
                            request.head().headers());
        }
        if (denial == null) {
            counted = true;
            var limit = policy.limits().tunnels();
            if (parts.openTunnels().incrementAndGet() > limit) {
                denial = parts.enforcer().full(subject, TunnelFindings.tooMany(limit));
            }
        }
        return denial;
    }

    /** Judges where its name leads, before anything is dialled; the refusal, or null. */
    public @Nullable Denial judge(List<InetAddress> addresses) {
        return parts.enforcer()
                .weigh(policy.mode(), subject, Place.TARGET, AddressCheck.findings(policy, request.host(), addresses));
    }

    /**
     * Why an open tunnel has to end: an engaged kill switch, or what a new policy finds wrong with it, but for rates and
     * places; null where it may stay.
     *
     * @param now the policy in force, or null where there is none
     * @param reached the address at the other end, where that is judged too
     */
    public @Nullable String revoked(
            @Nullable FirewallPolicy now, @Nullable Engagement engagement, @Nullable InetAddress reached) {
        if (engagement != null && engagement.immediate()) {
            return "the kill switch was engaged: " + engagement.message();
        }
        if (now == null || now == policy || now.mode() == Mode.Audit || allowedBy(now, reached)) {
            return null;
        }
        return "the new policy does not allow a tunnel to " + request.host();
    }

    private boolean allowedBy(FirewallPolicy now, @Nullable InetAddress reached) {
        var findings = new ArrayList<Finding>(TunnelFindings.rules(now.connect(), request.port()));
        findings.addAll(now.scanner().scanUrl(request.url(), true));
        if (reached != null) {
            findings.addAll(AddressCheck.findings(now, request.host(), List.of(reached)));
        }
        return findings.stream().noneMatch(finding -> finding.action() == Action.Block);
    }

    /** Gives its place back. */
    public void leave() {
        if (counted) {
            counted = false;
            parts.openTunnels().decrementAndGet();
        }
    }
}
