package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.mitigate.Guards.Admission;
import dev.portcullis.dataplane.flow.mitigate.OngoingAttacks.Seen;
import dev.portcullis.dataplane.metrics.MitigationMetrics;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes what routers are told follow from the attacks in progress, the orders given by hand and the configuration in force.
 * Each round looks at all three afresh and at nothing that was announced before, so that nothing outlives its ban. One
 * thread.
 */
final class BanReconciler {
    private static final Logger LOG = LoggerFactory.getLogger(BanReconciler.class);

    private static final Comparator<Attack> OLDEST_FIRST =
            Comparator.comparing(Attack::startedAt).thenComparing(Attack::id);

    private final MitigationBook book;
    private final Speakers speakers;
    private final MitigationMetrics metrics;
    private final Announcing announcing;
    private final OngoingAttacks attacks = new OngoingAttacks();
    private final Refusals refusals;

    BanReconciler(MitigationBook book, Speakers speakers, MitigationMetrics metrics) {
        this.book = book;
        this.speakers = speakers;
        this.metrics = metrics;
        this.announcing = new Announcing(speakers);
        this.refusals = new Refusals(metrics);
    }

    /** Takes note of an attack as it is now; one that ended is forgotten. */
    void observe(Attack attack, Instant now) {
        if (attack.endedAt() != null) {
            attacks.remove(attack.id());
            closeRefusal(attack.id());
        } else if (!attacks.observe(attack, now)) {
            metrics.eventDropped();
        }
    }

    /** Decides about every ban and every attack, and tells the routers what came of it. */
    void round(Protection protection, Instant now) {
        attacks.forgetUnseen(protection, now, this::closeRefusal);
        var byTarget = attacks.byTarget();
        var census = new Census();
        for (var ban : book.active()) {
            keepOrRelease(ban, byTarget.getOrDefault(ban.target(), List.of()), protection, census, now);
        }
        if (!isPaused(now)) {
            byTarget.values().stream()
                    .map(BanReconciler::oldestFirst)
                    .sorted(Comparator.comparing(List::getFirst, OLDEST_FIRST))
                    .forEach(onOneHost -> banFor(onOneHost, protection, census, now));
        }
        for (var ban : announcing.announce(book.active(), protection)) {
            book.update(ban);
        }
        count();
    }

    /** Bans by hand: the ban, active or rejected. A running ban of the host takes the new order's life and method. */
    Ban ban(BanRequest request, Protection protection, Instant now) {
        var target = request.target();
        var running = book.active(target);
        var order = new Ban.Order(true, request.method(), request.by(), request.reason());
        var cause = running == null ? Ban.Cause.NONE : running.cause();
        var draft = Draft.of(target, order, cause, request.ttl(), protection, speakers, now);
        var others = new Census();
        for (var other : book.active()) {
            if (!other.target().equals(target)) {
                others.add(other);
            }
        }
        if (draft.admission(protection, others, running == null ? book : null)
                instanceof Admission.Refused(var refusal)) {
            var rejected = draft.ban().rejected(refusal.sentence());
            refusals.count(rejected.policy(), refusal);
            book.remember(rejected);
            LOG.warn("ban of {} asked for by {} refused: {}", name(target), request.by(), refusal.sentence());
            return rejected;
        }
        LOG.warn("ban of {} asked for by {}", name(target), request.by());
        var ban = draft.ban();
        if (running == null) {
            book.admit(ban);
            return ban;
        }
        var life = ban.life();
        var extended = running.with(
                ban.policy(),
                order,
                cause,
                ban.measure(),
                new Ban.Life(running.life().startedAt(), life.expiresAt(), life.ttl(), null, false, null, null));
        book.update(extended);
        return extended;
    }

    /** Lifts the ban of {@code target} by hand; attacks on it that are in progress do not bring it back. */
    Optional<Ban> unban(InetAddress target, String by, Instant now) {
        var ban = book.active(target);
        if (ban == null) {
            return Optional.empty();
        }
        attacks.lift(target);
        return Optional.of(release(ban, now, "unban by " + by));
    }

    /** Lifts every ban by hand, as {@link #unban} does, and bans nothing automatically before {@code pauseUntil}. */
    List<Ban> withdrawAll(String by, @Nullable Instant pauseUntil, Instant now) {
        attacks.liftAll();
        var over = new ArrayList<Ban>();
        for (var ban : book.active()) {
            over.add(release(ban, now, "withdraw-all by " + by));
        }
        if (pauseUntil != null) {
            book.pause(pauseUntil);
        }
        return over;
    }

    /** Bans in force, those refused to attacks in progress, and those of the past; each the latest first. */
    List<Ban> bans() {
        var bans = new ArrayList<>(book.active().reversed());
        bans.addAll(refusals.latest(MitigationBook.MAX_HISTORY));
        bans.addAll(book.history());
        return bans;
    }

    /** Refusals since the start, by name of the MitigationPolicy. */
    Map<String, Long> rejectedByPolicy() {
        return refusals.byPolicy();
    }

    private boolean isPaused(Instant now) {
        var until = book.pausedUntil();
        if (until != null && !now.isBefore(until)) {
            book.pause(null);
        }
        return book.pausedUntil() != null;
    }

    private void keepOrRelease(Ban ban, List<Seen> current, Protection protection, Census census, Instant now) {
        if (Guards.eligible(ban.target(), ban.order().method(), protection) instanceof Admission.Refused(var refusal)) {
            release(ban, now, refusal.sentence());
            return;
        }
        if (current.isEmpty() && !now.isBefore(ban.life().expiresAt())) {
            release(ban, now, "ttl expired");
            return;
        }
        var rules = Objects.requireNonNull(protection.rulesFor(ban.target()));
        var held = current.isEmpty() && !ban.order().manual();
        var silenceProvesNothing = ban.life().restored() || (ban.measure().hidesTraffic() && !rules.dryRun());
        if (held && !silenceProvesNothing) {
            release(ban, now, "attack ended");
            return;
        }
        var cause = causeOf(ban.cause(), oldestFirst(current));
        var plan = Draft.plan(ban.target(), ban.order(), cause, rules, speakers);
        if (Guards.fits(ban.target(), plan, rules, protection, census, 0) instanceof Admission.Refused(var refusal)) {
            release(ban, now, refusal.sentence());
            return;
        }
        if (ban.measure().dryRun() != rules.dryRun()) {
            LOG.warn("ban of {} is now {}", name(ban.target()), rules.dryRun() ? "a dry run" : "live");
        }
        var hides = ban.measure().hidesTraffic() && plan.method() == Method.Blackhole && !rules.dryRun();
        var measure = Ban.Measure.of(plan, rules.dryRun()).known(ban.measure().carriedBy(), hides);
        var kept = ban.with(rules.name(), ban.order(), cause, measure, renewed(ban, current, rules, held, now));
        census.add(kept);
        book.update(kept);
    }

    /** A ban by hand keeps the end it was given, unless an attack needs a later one. */
    private static Ban.Life renewed(Ban ban, List<Seen> current, MitigationRules rules, boolean held, Instant now) {
        var life = ban.life();
        var manual = ban.order().manual();
        var lastSeen = current.stream().map(Seen::at).max(Comparator.naturalOrder());
        var latest = lastSeen.orElse(now).plus(rules.ttl());
        var expires = life.expiresAt();
        if (manual) {
            expires = lastSeen.isPresent() && expires.isBefore(latest) ? latest : expires;
        } else if (lastSeen.isPresent() || expires.isAfter(latest)) {
            expires = latest;
        }
        var heldSince = !held ? null : life.heldSince() == null ? now : life.heldSince();
        return new Ban.Life(
                life.startedAt(),
                expires,
                manual ? life.ttl() : rules.ttl(),
                heldSince,
                life.restored() && current.isEmpty(),
                null,
                null);
    }

    private static List<Attack> oldestFirst(List<Seen> seen) {
        return seen.stream().map(Seen::attack).sorted(OLDEST_FIRST).toList();
    }

    private void banFor(List<Attack> onOneHost, Protection protection, Census census, Instant now) {
        var attack = onOneHost.getFirst();
        var target = attack.target();
        var rules = protection.rulesFor(target);
        if (book.active(target) != null || rules == null || rules.method() == Method.None) {
            onOneHost.forEach(each -> refusals.remove(each.id()));
            return;
        }
        var cause = causeOf(Ban.Cause.NONE, onOneHost);
        var draft = Draft.of(target, Ban.Order.AUTOMATIC, cause, null, protection, speakers, now);
        var ban = draft.ban();
        if (draft.admission(protection, census, book) instanceof Admission.Refused(var refusal)) {
            refusals.add(attack.id(), ban, refusal);
            return;
        }
        book.admit(ban);
        census.add(ban);
        onOneHost.forEach(each -> refusals.remove(each.id()));
        LOG.warn(
                "{}ban of {} by {} because of {} attack {}: {}",
                ban.measure().dryRun() ? "DRY-RUN: would announce a " : "",
                name(target),
                ban.measure().method(),
                attack.classification().type(),
                attack.id(),
                ban.measure().announcements());
    }

    private void closeRefusal(String attackId) {
        var refused = refusals.remove(attackId);
        if (refused != null) {
            book.remember(refused);
        }
    }

    private static Ban.Cause causeOf(Ban.Cause before, List<Attack> current) {
        if (current.isEmpty()) {
            return new Ban.Cause(before.metric(), before.rate(), before.threshold(), before.vectors(), List.of());
        }
        var vectors = new LinkedHashSet<>(before.vectors());
        for (var attack : current) {
            vectors.addAll(Vector.of(attack));
        }
        var first = current.getFirst();
        var known = before.metric() != null;
        return new Ban.Cause(
                known ? before.metric() : first.metric(),
                known ? before.rate() : first.rate(),
                known ? before.threshold() : first.threshold(),
                vectors.stream().limit(Ban.Cause.MAX_VECTORS).toList(),
                current.stream().map(Attack::id).sorted().toList());
    }

    private Ban release(Ban ban, Instant now, String why) {
        var mode = ban.measure().dryRun() ? "DRY-RUN: " : "";
        LOG.info("{}ban of {} withdrawn: {}", mode, name(ban.target()), why);
        return book.release(ban, now, why);
    }

    private void count() {
        var realBans = 0;
        var dryRunBans = 0;
        var realRules = 0;
        var dryRunRules = 0;
        for (var ban : book.active()) {
            if (ban.measure().dryRun()) {
                dryRunBans++;
                dryRunRules += ban.measure().rules();
            } else {
                realBans++;
                realRules += ban.measure().rules();
            }
        }
        metrics.active(realBans, dryRunBans, realRules, dryRunRules);
    }

    private static String name(InetAddress address) {
        return address.getHostAddress();
    }
}
