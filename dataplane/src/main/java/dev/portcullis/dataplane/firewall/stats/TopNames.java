package dev.portcullis.dataplane.firewall.stats;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The names counted most often, in bounded memory: the Space-Saving summary (Metwally et al., 2005). A name that finds the
 * table full takes the place, and the count, of the rarest, so a name that becomes frequent late still rises. Thread-safe.
 */
public final class TopNames {
    /** One name and how often it was counted, at most too high by the count it took over. */
    public record Count(String name, long count) {}

    private final int capacity;
    private final Map<String, Long> counts = new HashMap<>();

    /** Keeps at most {@code capacity} names. */
    public TopNames(int capacity) {
        this.capacity = capacity;
    }

    /** Counts {@code name} once. */
    public synchronized void add(String name) {
        var known = counts.get(name);
        if (known != null) {
            counts.put(name, known + 1);
        } else if (counts.size() < capacity) {
            counts.put(name, 1L);
        } else {
            var rarest =
                    counts.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
            var taken = rarest.getValue();
            counts.remove(rarest.getKey());
            counts.put(name, taken + 1);
        }
    }

    /** The {@code limit} most frequent names, most frequent first, equal ones by name. */
    public synchronized List<Count> top(int limit) {
        return counts.entrySet().stream()
                .map(entry -> new Count(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingLong(Count::count).reversed().thenComparing(Count::name))
                .limit(limit)
                .toList();
    }
}
