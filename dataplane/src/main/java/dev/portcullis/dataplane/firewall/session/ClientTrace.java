package dev.portcullis.dataplane.firewall.session;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy.Across;
import dev.portcullis.dataplane.firewall.scan.Finding;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** What is remembered of one client's earlier requests. Thread-safe: its connections may be on several event loops. */
final class ClientTrace {
    private static final String ALL = "values";
    private static final int REPEATS = 64;
    private static final int SHORTEST_REPEAT = 32;

    /** With a key that nobody knows, so that no piece of a secret can be made to look like what was sent before. */
    private static final HashFunction REPEAT = repeat(new SecureRandom());

    private final EntropyWindow entropy = new EntropyWindow();
    private final FragmentStreams streams = new FragmentStreams();
    private final long[] seen = new long[REPEATS];
    private int nextSeen;
    private boolean forgotten;
    private String lastName = "";
    private int lastLength;

    private static HashFunction repeat(RandomGenerator random) {
        return Hashing.sipHash24(random.nextLong(), random.nextLong());
    }

    /** Bits sent before, and with this. */
    record Usage(double before, double after) {}

    /**
     * What was found, and what it did to the memory held.
     *
     * @param grown bytes kept more than before
     */
    record Continued(List<Finding> findings, int grown) {}

    /** Ends it: bytes kept, which count for nothing from here on. */
    synchronized int forget() {
        forgotten = true;
        return streams.held();
    }

    /** Adds what is sent now to what was sent before. */
    synchronized Usage spend(byte[] sent, int length, long now, Across rules) {
        var before = entropy.sum(now, rules.bitsNanos());
        entropy.add(sent, 0, length, now, rules.bitsNanos());
        return new Usage(before, entropy.sum(now, rules.bitsNanos()));
    }

    /**
     * What the values of a request complete that earlier ones began.
     *
     * @param walk gives the values; called once, on this thread
     */
    synchronized Continued continued(
            FirewallPolicy policy, Across rules, String host, long now, Consumer<OutgoingValues.Values> walk) {
        var found = new ArrayList<Finding>(1);
        var held = streams.held();
        var most = rules.fragmentBytes() / FragmentStreams.TAIL;
        FragmentStreams.Seam seam = (text, at, length) -> {
            var here = policy.scanner().scanSeam(text, at, length, host);
            found.addAll(here);
            return !here.isEmpty();
        };
        walk.accept((name, value, from, to) -> {
            var fingerprint = to - from < SHORTEST_REPEAT ? 0 : fingerprint(name, value, from, to);
            if (fingerprint != 0 && seen(fingerprint)) {
                return true;
            }
            if (streams.append(name, value, from, to, most, now, rules.fragmentNanos(), seam)) {
                return false;
            }
            if (allIs(name, to - from)) {
                streams.keep(ALL, value, from, to, most, now, rules.fragmentNanos());
            } else if (streams.append(ALL, value, from, to, most, now, rules.fragmentNanos(), seam)) {
                return false;
            }
            // Only now: what was refused is refused again.
            if (fingerprint != 0) {
                seen[nextSeen] = fingerprint;
                nextSeen = (nextSeen + 1) % REPEATS;
            }
            return true;
        });
        return new Continued(found, forgotten ? 0 : streams.held() - held);
    }

    /** True where all that is kept of all values was sent under {@code name}, so that its own stream shows the same. */
    private boolean allIs(String name, int length) {
        if (!name.equals(lastName)) {
            lastName = name;
            lastLength = 0;
        }
        var same = lastLength >= FragmentStreams.TAIL;
        lastLength = Math.min(FragmentStreams.TAIL, lastLength + length);
        return same;
    }

    /** True for a long value that was sent a short while ago: agents repeat a conversation with every request. */
    private boolean seen(long fingerprint) {
        for (var one : seen) {
            if (one == fingerprint) {
                return true;
            }
        }
        return false;
    }

    private static long fingerprint(String name, byte[] value, int from, int to) {
        return REPEAT.newHasher()
                .putUnencodedChars(name)
                .putInt(name.length())
                .putBytes(value, from, to - from)
                .hash()
                .asLong();
    }
}
