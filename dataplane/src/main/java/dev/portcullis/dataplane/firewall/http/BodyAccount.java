package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import org.jspecify.annotations.Nullable;

/** What the bodies of one exchange with {@code host} are counted as, once each. */
record BodyAccount(FirewallParts parts, FirewallPolicy policy, Subject subject, String host) {
    /**
     * Counts what went through {@code gate}: what was replaced in it, what was not looked at, what is left of the host's budget.
     *
     * @param gate null where there was no body
     * @param scanned bytes that are looked at
     */
    void settle(@Nullable BodyGate gate, long scanned) {
        if (gate == null) {
            return;
        }
        var rewrite = gate.rewrite();
        if (rewrite != null && rewrite.done() != null) {
            parts.enforcer().rewritten(subject, rewrite.done(), rewrite.counts());
        }
        subject.unscanned(Math.max(0, gate.received() - scanned));
        parts.dataBudget().spend(host, gate.received(), policy.limits().bytesPerMinutePerHost());
    }
}
