package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import dev.portcullis.dataplane.flow.mitigate.Announcement.BlackholeRoute;
import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import dev.portcullis.dataplane.flow.mitigate.Announcement.Prefix;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Every safety rule, in the order they are asked. Pure: the same question has the same answer. Bans of attacks and bans by
 * hand, new ones, running ones and those read back after a restart all pass here; a running one is only spared the limit on
 * new bans.
 */
final class Guards {
    /** The answer. */
    sealed interface Admission {
        /** The ban may be. */
        record Admitted() implements Admission {}

        /** The ban may not be. */
        record Refused(Refusal refusal) implements Admission {}
    }

    private static final Admission ADMITTED = new Admission.Admitted();

    private Guards() {}

    /**
     * The rules about who may be banned at all, before there is a plan.
     *
     * @param method the method asked for by hand, or null for the policy's
     */
    static Admission eligible(InetAddress target, @Nullable Method method, Protection protection) {
        if (protection.whitelists(target)) {
            return refused(Refusal.WHITELIST);
        }
        if (!protection.networks().contains(target)) {
            return refused(Refusal.SCOPE);
        }
        var rules = protection.rulesFor(target);
        if (rules == null) {
            return refused(Refusal.NO_POLICY);
        }
        if (rules.method() == Method.None || method == Method.None) {
            return refused(Refusal.METHOD_NONE);
        }
        return ADMITTED;
    }

    /**
     * The rules about how many, for an eligible target with a plan.
     *
     * @param others the bans that stand before this one
     * @param recent new bans of the policy in its current window, this one not counted; 0 for a running ban
     */
    static Admission fits(
            InetAddress target,
            Planner.Plan plan,
            MitigationRules rules,
            Protection protection,
            Census others,
            int recent) {
        if (plan.announcements().isEmpty()) {
            return refused(Refusal.DESTINATION_ONLY);
        }
        if (others.bans(rules.name()) >= rules.maxActive()) {
            return refused(Refusal.MAX_ACTIVE_BANS);
        }
        var v6 = target.getAddress().length == 16;
        var addresses = others.addresses(v6, rules.dryRun());
        if (addresses > 0 && addresses >= mostAddresses(rules, protection, v6)) {
            return refused(Refusal.BLAST_RADIUS_FRACTION);
        }
        if (recent >= rules.maxPerWindow()) {
            return refused(Refusal.BLAST_RADIUS_RATE);
        }
        if (plan.method() == Method.FlowSpec
                && others.rules(rules.name()) + plan.announcements().size() > rules.maxRules()) {
            return refused(Refusal.MAX_FLOWSPEC_RULES);
        }
        return ADMITTED;
    }

    /**
     * The last check, on what is about to be said and not on why: a host of the protected networks, on no whitelist, under
     * a live policy, and not all of its traffic unless that is allowed.
     */
    static boolean announceable(Announcement announcement, Protection protection) {
        var anchor =
                switch (announcement) {
                    case BlackholeRoute route -> route.prefix();
                    case FlowSpecRule rule -> rule.destination() != null ? rule.destination() : rule.source();
                };
        if (anchor == null || !isProtectedHost(anchor, protection)) {
            return false;
        }
        var rules = protection.rulesFor(anchor.address());
        return rules != null
                && !rules.dryRun()
                && !(announcement instanceof FlowSpecRule rule
                        && rule.matchesAddressesOnly()
                        && !rules.allowDestinationOnly());
    }

    private static boolean isProtectedHost(Prefix prefix, Protection protection) {
        return prefix.isHost()
                && protection.networks().contains(prefix.address())
                && !protection.whitelists(prefix.address());
    }

    private static long mostAddresses(MitigationRules rules, Protection protection, boolean v6) {
        var most = rules.maxBannedFraction()
                .multiply(new BigDecimal(protection.networks().size(v6)))
                .setScale(0, RoundingMode.FLOOR)
                .toBigInteger();
        return most.bitLength() > 62 ? Long.MAX_VALUE : most.longValueExact();
    }

    private static Admission refused(Refusal refusal) {
        return new Admission.Refused(refusal);
    }
}
