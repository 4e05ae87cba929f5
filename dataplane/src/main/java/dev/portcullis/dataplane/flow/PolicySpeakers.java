package dev.portcullis.dataplane.flow;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Bgp;
import dev.portcullis.dataplane.flow.api.PolicyPeer;
import dev.portcullis.dataplane.flow.bgp.BgpSpeaker;
import dev.portcullis.dataplane.flow.mitigate.Announcer;
import dev.portcullis.dataplane.flow.mitigate.Speakers;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * A BGP speaker for each MitigationPolicy that has one; policies with the same {@code bgp} share theirs, as routers allow
 * one session from one address. Reads from any thread; one thread at a time configures.
 */
final class PolicySpeakers implements Speakers, AutoCloseable {
    private final Supplier<BgpSpeaker> maker;
    private volatile Map<String, BgpSpeaker> byPolicy = Map.of();

    /** @param maker makes a speaker without neighbours */
    PolicySpeakers(Supplier<BgpSpeaker> maker) {
        this.maker = maker;
    }

    /** Makes the speakers those of {@code policies}; sessions that stay as they are go on untouched. */
    synchronized void configure(Map<String, MitigationPolicySpec> policies) {
        var before = byPolicy;
        var speakers = new TreeMap<String, BgpSpeaker>();
        var ofSettings = new HashMap<Bgp, BgpSpeaker>();
        var taken = Collections.<BgpSpeaker>newSetFromMap(new IdentityHashMap<>());
        for (var policy : new TreeMap<>(policies).entrySet()) {
            var bgp = policy.getValue().bgp();
            if (bgp != null) {
                speakers.put(policy.getKey(), ofSettings.computeIfAbsent(bgp, settings -> {
                    var known = before.get(policy.getKey());
                    var speaker = known != null && taken.add(known) ? known : maker.get();
                    taken.add(speaker);
                    speaker.configure(settings);
                    return speaker;
                }));
            }
        }
        byPolicy = Collections.unmodifiableMap(speakers);
        for (var speaker : distinct(before.values())) {
            if (!taken.contains(speaker)) {
                // Takes its routes back first, which may take seconds.
                Thread.ofVirtual().name("bgp-close").start(speaker::close);
            }
        }
    }

    @Override
    public Announcer of(String policy) {
        var speaker = byPolicy.get(policy);
        return speaker == null ? SILENT : speaker;
    }

    @Override
    public Collection<Announcer> all() {
        return List.copyOf(distinct(byPolicy.values()));
    }

    /** The neighbours of every policy's speaker, as they are now. */
    List<PolicyPeer> peers() {
        return byPolicy.entrySet().stream()
                .flatMap(
                        policy -> policy.getValue().peers().stream().map(peer -> new PolicyPeer(policy.getKey(), peer)))
                .toList();
    }

    /** Takes everything back and ends all sessions; waits for a few seconds at most. */
    @Override
    public synchronized void close() {
        var speakers = distinct(byPolicy.values());
        byPolicy = Map.of();
        speakers.forEach(BgpSpeaker::close);
    }

    private static Set<BgpSpeaker> distinct(Collection<BgpSpeaker> speakers) {
        var distinct = Collections.<BgpSpeaker>newSetFromMap(new IdentityHashMap<>());
        distinct.addAll(speakers);
        return distinct;
    }
}
