package dev.portcullis.operator.killswitch;

import dev.portcullis.operator.pods.PodAnswer;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which pods of which AgentPolicy run which revision of which KillSwitch: written where pods are asked, read where kill
 * switches are reported on. Holds one entry for each AgentPolicy that exists and each KillSwitch in force. Thread-safe.
 */
public final class Acknowledgements {
    /** One revision of a switch that a pod runs, and since when at the latest. */
    private record Acknowledged(String revision, long atNanos) {}

    /** A revision of a switch, and when it was first seen. */
    private record Seen(String revision, long atNanos) {}

    /**
     * How far a revision of a switch is.
     *
     * @param silent policies whose pods are not known yet
     * @param lastAtNanos when the last pod said so; 0 where none did
     */
    public record Tally(int total, int acknowledged, int silent, long lastAtNanos) {
        /** Whether every pod runs it. */
        public boolean complete() {
            return silent == 0 && acknowledged == total;
        }
    }

    private final LongSupplier nanoTime;
    private final Map<ResourceID, Map<String, Map<ResourceID, Acknowledged>>> byPolicy = new ConcurrentHashMap<>();
    private final Map<ResourceID, Seen> seen = new ConcurrentHashMap<>();
    private volatile Consumer<ResourceID> changed = id -> {};

    public Acknowledgements(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Sets whom to tell of a policy whose pods say something new about kill switches. */
    public void listen(Consumer<ResourceID> changed) {
        this.changed = changed;
    }

    /**
     * Notes what the {@code pods} of {@code policy} said, and forgets policies that are gone.
     *
     * @param answers by uid of the pod
     * @param exists whether a policy still exists
     */
    public void note(ResourceID policy, List<Pod> pods, Map<String, PodAnswer> answers, Predicate<ResourceID> exists) {
        byPolicy.keySet().removeIf(other -> !exists.test(other));
        Map<String, Map<ResourceID, Acknowledged>> now = new HashMap<>();
        for (var pod : pods) {
            var uid = pod.getMetadata().getUid();
            now.put(uid, acknowledged(answers.get(uid)));
        }
        if (!now.equals(byPolicy.put(policy, now))) {
            changed.accept(policy);
        }
    }

    private static Map<ResourceID, Acknowledged> acknowledged(@Nullable PodAnswer answer) {
        var switches = new HashMap<ResourceID, Acknowledged>();
        if (answer != null && answer.error() == null) {
            answer.report()
                    .killSwitches()
                    .forEach(state -> switches.put(
                            new ResourceID(state.name(), state.namespace()),
                            new Acknowledged(state.revision(), answer.atNanos())));
        }
        return switches;
    }

    /** How far {@code revision} of {@code killSwitch} is on the pods of {@code policies}. */
    public Tally tally(ResourceID killSwitch, String revision, Collection<ResourceID> policies) {
        var total = 0;
        var acknowledged = 0;
        var silent = 0;
        var last = 0L;
        for (var policy : policies) {
            var pods = byPolicy.get(policy);
            if (pods == null) {
                silent++;
                continue;
            }
            for (var switches : pods.values()) {
                total++;
                var said = switches.get(killSwitch);
                if (said != null && said.revision().equals(revision)) {
                    acknowledged++;
                    last = acknowledged == 1 ? said.atNanos() : Math.max(last, said.atNanos());
                }
            }
        }
        return new Tally(total, acknowledged, silent, last);
    }

    /** When {@code revision} of {@code killSwitch} was first seen: now, unless it was before. */
    public long firstSeen(ResourceID killSwitch, String revision) {
        return seen.compute(
                        killSwitch,
                        (id, before) -> before != null && before.revision().equals(revision)
                                ? before
                                : new Seen(revision, nanoTime.getAsLong()))
                .atNanos();
    }

    /** Forgets switches that are not among {@code existing}. */
    public void retainSwitches(Set<ResourceID> existing) {
        seen.keySet().retainAll(existing);
    }
}
