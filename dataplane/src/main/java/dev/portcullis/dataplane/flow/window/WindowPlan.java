package dev.portcullis.dataplane.flow.window;

/**
 * What a policy means for counting. Immutable.
 *
 * @param networks protected prefixes; a lookup gives the host group
 * @param seconds length of the window, 1 to 60
 * @param maxHosts most hosts tracked in one direction, over all workers
 * @param incomingFloors for each group and counter, in the order of {@link Metric#counter()}, how much of it in one second
 *     makes a host worth sampling; {@link Long#MAX_VALUE} where there is no limit
 * @param outgoingFloors the same for outgoing traffic
 * @param judgesOutgoing for each group, whether traffic from its hosts is judged
 */
public record WindowPlan(
        PrefixTable networks,
        int seconds,
        int maxHosts,
        long[] incomingFloors,
        long[] outgoingFloors,
        boolean[] judgesOutgoing) {
    /** True when any group's outgoing traffic is judged. */
    public boolean anyOutgoing() {
        for (var judged : judgesOutgoing) {
            if (judged) {
                return true;
            }
        }
        return false;
    }
}
