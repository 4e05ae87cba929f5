package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.dataplane.flow.detect.Attack;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The attacks in progress, as the detector last spoke of them; at most {@link Mitigator#MAX_ATTACKS}. One thread. */
final class OngoingAttacks {
    private static final Duration UNSEEN_WITHOUT_POLICY = Duration.ofMinutes(10);

    /** An attack and when the detector last spoke of it. */
    record Seen(Attack attack, Instant at) {}

    private final Map<String, Seen> attacks = new HashMap<>();
    private final Set<String> lifted = new HashSet<>();

    /**
     * Takes note of an attack that goes on.
     *
     * @return false when there is no room for another one
     */
    boolean observe(Attack attack, Instant now) {
        if (attacks.size() >= Mitigator.MAX_ATTACKS && !attacks.containsKey(attack.id())) {
            return false;
        }
        attacks.put(attack.id(), new Seen(attack, now));
        return true;
    }

    /** Forgets an attack. */
    void remove(String attackId) {
        attacks.remove(attackId);
        lifted.remove(attackId);
    }

    /** Forgets attacks not spoken of for the TTL of their policy: their end was lost, and they must renew nothing. */
    void forgetUnseen(Protection protection, Instant now, Consumer<String> forgotten) {
        var unseen = attacks.values().stream()
                .filter(seen -> {
                    var rules = protection.rulesFor(seen.attack().target());
                    var patience = rules == null ? UNSEEN_WITHOUT_POLICY : rules.ttl();
                    return !now.isBefore(seen.at().plus(patience));
                })
                .map(seen -> seen.attack().id())
                .toList();
        for (var id : unseen) {
            remove(id);
            forgotten.accept(id);
        }
    }

    /** Attacks on {@code target} bring no ban back before they end. */
    void lift(InetAddress target) {
        attacks.forEach((id, seen) -> {
            if (seen.attack().target().equals(target)) {
                lifted.add(id);
            }
        });
    }

    /** No attack brings a ban back before it ends. */
    void liftAll() {
        lifted.addAll(attacks.keySet());
    }

    /** The attacks that may cause bans, by target. */
    Map<InetAddress, List<Seen>> byTarget() {
        var byTarget = new HashMap<InetAddress, List<Seen>>();
        attacks.forEach((id, seen) -> {
            if (!lifted.contains(id)) {
                byTarget.computeIfAbsent(seen.attack().target(), target -> new ArrayList<>())
                        .add(seen);
            }
        });
        return byTarget;
    }
}
