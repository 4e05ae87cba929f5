package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import dev.portcullis.dataplane.flow.mitigate.Guards.Admission;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A ban that may come to be.
 *
 * @param plan null when the target is not even eligible
 */
record Draft(
        Ban ban,
        Admission eligible,
        Planner.@Nullable Plan plan,
        @Nullable MitigationRules rules) {

    /** @param askedTtl the life asked for by hand, or null for the policy's */
    static Draft of(
            InetAddress target,
            Ban.Order order,
            Ban.Cause cause,
            @Nullable Duration askedTtl,
            Protection protection,
            Speakers speakers,
            Instant now) {
        var rules = protection.rulesFor(target);
        var eligible = Guards.eligible(target, order.method(), protection);
        var ttl = askedTtl != null ? askedTtl : rules != null ? rules.ttl() : Duration.ZERO;
        var life = new Ban.Life(now, now.plus(ttl), ttl, null, false, null, null);
        if (rules == null || eligible instanceof Admission.Refused) {
            var method = order.method() != null ? order.method() : rules == null ? Method.None : rules.method();
            var nothing = Ban.Measure.of(new Planner.Plan(method, List.of(), null), rules == null || rules.dryRun());
            var policy = rules == null ? "" : rules.name();
            return new Draft(
                    new Ban(target, policy, Ban.State.ACTIVE, order, cause, nothing, life), eligible, null, rules);
        }
        var plan = plan(target, order, cause, rules, speakers);
        var measure = Ban.Measure.of(plan, rules.dryRun());
        return new Draft(
                new Ban(target, rules.name(), Ban.State.ACTIVE, order, cause, measure, life), eligible, plan, rules);
    }

    static Planner.Plan plan(
            InetAddress target, Ban.Order order, Ban.Cause cause, MitigationRules rules, Speakers speakers) {
        var method = order.method() == null ? rules.method() : order.method();
        return Planner.plan(target, cause.vectors(), method, rules, speakers.of(rules.name()));
    }

    /**
     * What the guards say.
     *
     * @param book knows how fast bans came; null for a ban that runs already and is only changed
     */
    Admission admission(Protection protection, Census others, @Nullable MitigationBook book) {
        if (plan == null || rules == null) {
            return eligible;
        }
        var now = ban.life().startedAt();
        var recent = book == null ? 0 : book.admittedWithin(rules.name(), rules.window(), now);
        return Guards.fits(ban.target(), plan, rules, protection, others, recent);
    }
}
