package dev.portcullis.dataplane.flow.window;

import java.util.List;

/**
 * All sums of one tick: what a worker hands over, and what the tick adds up. Used by one thread at a time.
 *
 * @param incoming towards hosts
 * @param outgoing from hosts
 * @param prefixes towards prefixes that are judged as a whole; the key is the network address
 * @param totals towards groups that are judged as a whole; the low half of the key is the group's number plus 1
 * @param totalsOutgoing from such groups
 */
public record WindowSums(
        HostSums incoming, HostSums outgoing, HostSums prefixes, HostSums totals, HostSums totalsOutgoing) {
    /** Empty sums. */
    public WindowSums() {
        this(new HostSums(), new HostSums(), new HostSums(), new HostSums(), new HostSums());
    }

    /** Forgets everything; the memory is kept. */
    public void clear(int windowSeconds) {
        all().forEach(sums -> sums.clear(windowSeconds));
    }

    /** Adds what {@code other} has. */
    public void merge(WindowSums other) {
        incoming.merge(other.incoming);
        outgoing.merge(other.outgoing);
        prefixes.merge(other.prefixes);
        totals.merge(other.totals);
        totalsOutgoing.merge(other.totalsOutgoing);
    }

    private List<HostSums> all() {
        return List.of(incoming, outgoing, prefixes, totals, totalsOutgoing);
    }
}
