package dev.portcullis.dataplane.flow.api;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import dev.portcullis.dataplane.flow.mitigate.Announcement.BlackholeRoute;
import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import dev.portcullis.dataplane.flow.mitigate.Announcement.Prefix;
import dev.portcullis.dataplane.flow.mitigate.Ban;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A ban as the API shows it.
 *
 * @param prefix the host route
 * @param route the blackhole in words, absent without one
 * @param carriedBy established sessions that everything of the ban is written to
 * @param held since when it stays without an attack in sight
 * @param fellBackFrom the method that no neighbour took
 * @param orderedReason why an operator asked for it
 */
record BanView(
        String target,
        String prefix,
        String policy,
        @Nullable String metric,
        @Nullable Double rate,
        @Nullable Double threshold,
        @Nullable String nextHop,
        @Nullable String community,
        @Nullable Long localPref,
        @Nullable String route,
        String state,
        boolean dryRun,
        boolean manual,
        @Nullable String orderedBy,
        @Nullable String orderedReason,
        String startedAt,
        String expiresAt,
        @Nullable String withdrawnAt,
        @Nullable String held,
        @Nullable String reason,
        String method,
        @Nullable List<RuleView> flowspec,
        @Nullable String fellBackFrom,
        @Nullable String fellBackReason,
        List<String> attackIds,
        int carriedBy) {

    /** A FlowSpec rule; what it does not match by is left out. */
    record RuleView(
            @Nullable String dst,
            @Nullable String src,
            @Nullable Integer proto,
            @Nullable Integer srcPort,
            @Nullable Integer dstPort,
            @Nullable Integer tcpFlags,
            @Nullable Integer tcpFlagsAbsent,
            @Nullable Boolean fragment,
            String action,
            @Nullable Double rateBytes) {
        static RuleView of(FlowSpecRule rule) {
            return new RuleView(
                    rule.destination() == null ? null : rule.destination().toString(),
                    rule.source() == null ? null : rule.source().toString(),
                    rule.protocol() < 0 ? null : rule.protocol(),
                    rule.sourcePort() < 0 ? null : rule.sourcePort(),
                    rule.destinationPort() < 0 ? null : rule.destinationPort(),
                    rule.tcpFlags() == 0 ? null : rule.tcpFlags(),
                    rule.tcpFlagsAbsent() == 0 ? null : rule.tcpFlagsAbsent(),
                    rule.fragment() ? true : null,
                    rule.rateBytes() == 0 ? "discard" : "rate_limit",
                    rule.rateBytes() == 0 ? null : rule.rateBytes());
        }
    }

    static BanView of(Ban ban) {
        var measure = ban.measure();
        var cause = ban.cause();
        var life = ban.life();
        var route = measure.announcements().stream()
                .filter(BlackholeRoute.class::isInstance)
                .map(BlackholeRoute.class::cast)
                .findFirst()
                .orElse(null);
        var rules = measure.announcements().stream()
                .filter(FlowSpecRule.class::isInstance)
                .map(rule -> RuleView.of((FlowSpecRule) rule))
                .toList();
        var attacked = cause.metric() != null;
        return new BanView(
                ban.target().getHostAddress(),
                Prefix.host(ban.target()).toString(),
                ban.policy(),
                cause.metric(),
                attacked ? cause.rate() : null,
                attacked ? cause.threshold() : null,
                route == null ? null : route.nextHop().getHostAddress(),
                route == null ? null : route.writtenCommunities(),
                route == null || route.localPref() == 0 ? null : route.localPref(),
                route == null ? null : route.toString(),
                ban.state().label(),
                measure.dryRun(),
                ban.order().manual(),
                ban.order().by(),
                ban.order().reason(),
                life.startedAt().toString(),
                life.expiresAt().toString(),
                life.withdrawnAt() == null ? null : life.withdrawnAt().toString(),
                life.heldSince() == null ? null : life.heldSince().toString(),
                life.endedFor(),
                measure.method().name().toLowerCase(Locale.ROOT),
                rules.isEmpty() ? null : rules,
                measure.fellBackReason() == null ? null : Method.FlowSpec.name().toLowerCase(Locale.ROOT),
                measure.fellBackReason(),
                cause.attackIds(),
                measure.carriedBy());
    }
}
