package dev.portcullis.dataplane.flow.window;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a policy means for counting. Immutable.
 *
 * @param networks protected prefixes; a lookup gives the host group
 * @param seconds length of the window, 1 to 60
 * @param maxHosts most hosts tracked in one direction, over all workers
 * @param sampleRecords most flow records a sample holds
 * @param incoming floors of hosts by group, towards them
 * @param outgoing the same of traffic from them
 * @param totals the same of groups as a whole, both directions
 * @param groups names of the groups, by number
 * @param judgesOutgoing for each group, whether traffic from its hosts is judged
 * @param summed for each group, whether it is judged as a whole
 * @param carpet prefixes judged as a whole, or null for none
 */
public record WindowPlan(
        PrefixTable networks,
        int seconds,
        int maxHosts,
        int sampleRecords,
        Floors incoming,
        Floors outgoing,
        Floors totals,
        List<String> groups,
        boolean[] judgesOutgoing,
        boolean[] summed,
        @Nullable Carpet carpet) {

    /**
     * Prefixes that are measured as one, whatever host of theirs traffic goes to.
     *
     * @param lengthV4 bits of an IPv4 prefix, 8 to 32
     * @param lengthV6 bits of an IPv6 prefix, 16 to 128
     * @param minHosts how many hosts traffic must go to, 2 to 256
     * @param floors of the one group they all are in
     */
    public record Carpet(int lengthV4, int lengthV6, int minHosts, Floors floors) {}

    public WindowPlan {
        groups = List.copyOf(groups);
    }

    /** The floors of what a window of {@code kind} counts. */
    Floors floors(HostWindow.Kind kind) {
        return switch (kind) {
            case INCOMING -> incoming;
            case OUTGOING -> outgoing;
            case PREFIXES -> carpet == null ? incoming : carpet.floors();
            case TOTALS -> totals;
        };
    }

    /** The group that judges a key of a window of {@code kind}, or one below 0. */
    int group(HostWindow.Kind kind, long high, long low) {
        return switch (kind) {
            case INCOMING -> networks.lookup(high, low);
            case OUTGOING -> {
                var group = networks.lookup(high, low);
                yield group >= 0 && judgesOutgoing[group] ? group : HostWindow.NO_GROUP;
            }
            // A prefix may be longer or shorter than the network it is of: whether it is judged, traffic shows.
            case PREFIXES -> carpet == null ? HostWindow.NO_GROUP : 0;
            case TOTALS -> low <= summed.length && summed[(int) low - 1] ? (int) low - 1 : HostWindow.NO_GROUP;
        };
    }

    /** Hosts that a sample of a prefix must be able to tell apart. */
    int carpetHosts() {
        return carpet == null ? 0 : carpet.minHosts();
    }

    /** True when any group's outgoing traffic is judged. */
    public boolean anyOutgoing() {
        return any(judgesOutgoing);
    }

    /** True when any group is judged as a whole. */
    public boolean anySummed() {
        return any(summed);
    }

    private static boolean any(boolean[] flags) {
        for (var flag : flags) {
            if (flag) {
                return true;
            }
        }
        return false;
    }
}
