package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is done, or would be done, about one host. Immutable.
 *
 * @param policy name of the MitigationPolicy it is under
 * @param order who asked for it
 * @param cause the attack behind it, or {@link Cause#NONE}
 * @param measure what routers are told because of it
 */
public record Ban(
        InetAddress target, String policy, State state, Order order, Cause cause, Measure measure, Life life) {

    /** Where it stands. */
    public enum State {
        ACTIVE("active"),
        WITHDRAWN("withdrawn"),
        /** A safety rule refused it. */
        REJECTED("rejected");

        private final String label;

        State(String label) {
            this.label = label;
        }

        /** The value in API, file and logs. */
        public String label() {
            return label;
        }
    }

    /**
     * Who asked for a ban.
     *
     * @param manual true for an operator's: it outlives attacks, until its TTL or an unban
     * @param method the method asked for, or null for the policy's
     * @param by the API token's name, or null
     * @param reason the operator's words, or null
     */
    public record Order(
            boolean manual,
            @Nullable Method method,
            @Nullable String by,
            @Nullable String reason) {
        /** Asked for by an attack. */
        public static final Order AUTOMATIC = new Order(false, null, null, null);
    }

    /**
     * The attack behind a ban.
     *
     * @param metric the threshold crossed, or null without an attack
     * @param vectors everything the attack was classified as while the ban lasted, at most {@link #MAX_VECTORS}: a filter
     *     that works hides its vector, so none is forgotten before the ban ends
     * @param attackIds attacks in progress
     */
    public record Cause(
            @Nullable String metric, double rate, double threshold, List<Vector> vectors, List<String> attackIds) {
        /** Most vectors, and so most FlowSpec rules, of one ban. */
        public static final int MAX_VECTORS = 8;

        /** No attack. */
        public static final Cause NONE = new Cause(null, 0, 0, List.of(), List.of());

        public Cause {
            vectors = List.copyOf(vectors);
            attackIds = List.copyOf(attackIds);
        }
    }

    /**
     * What routers are told.
     *
     * @param method the method in force
     * @param dryRun true: decided and recorded, announced to nobody
     * @param fellBackReason why {@code method} is not the method asked for, or null when it is
     * @param carriedBy established sessions that everything is written to
     * @param hidesTraffic true once a live blackhole was written to a router: silence is then no evidence of the end
     */
    public record Measure(
            Method method,
            boolean dryRun,
            List<Announcement> announcements,
            @Nullable String fellBackReason,
            int carriedBy,
            boolean hidesTraffic) {
        public Measure {
            announcements = List.copyOf(announcements);
        }

        static Measure of(Planner.Plan plan, boolean dryRun) {
            return new Measure(plan.method(), dryRun, plan.announcements(), plan.fellBackReason(), 0, false);
        }

        /** The same, with what the routers know of it. */
        Measure known(int sessions, boolean hides) {
            return new Measure(method, dryRun, announcements, fellBackReason, sessions, hides);
        }

        /** How many FlowSpec rules it has. */
        public int rules() {
            return method == Method.FlowSpec ? announcements.size() : 0;
        }
    }

    /**
     * Its times.
     *
     * @param ttl what a renewal adds, counted from then
     * @param heldSince since when it stays without an attack in sight, or null
     * @param restored true from a restart until the first sign of its attack
     * @param endedFor why it was withdrawn or refused, or null while it is active
     */
    public record Life(
            Instant startedAt,
            Instant expiresAt,
            Duration ttl,
            @Nullable Instant heldSince,
            boolean restored,
            @Nullable Instant withdrawnAt,
            @Nullable String endedFor) {}

    /** True for IPv6. */
    public boolean v6() {
        return target.getAddress().length == 16;
    }

    Ban with(String newPolicy, Order newOrder, Cause newCause, Measure newMeasure, Life newLife) {
        return new Ban(target, newPolicy, state, newOrder, newCause, newMeasure, newLife);
    }

    Ban with(Measure newMeasure) {
        return new Ban(target, policy, state, order, cause, newMeasure, life);
    }

    /** This ban, over. */
    Ban withdrawn(Instant at, String why) {
        return new Ban(
                target,
                policy,
                State.WITHDRAWN,
                order,
                cause,
                measure,
                new Life(life.startedAt(), life.expiresAt(), life.ttl(), null, false, at, why));
    }

    /** This ban, refused. */
    Ban rejected(String why) {
        return new Ban(
                target,
                policy,
                State.REJECTED,
                order,
                cause,
                measure,
                new Life(life.startedAt(), life.expiresAt(), life.ttl(), null, false, null, why));
    }
}
