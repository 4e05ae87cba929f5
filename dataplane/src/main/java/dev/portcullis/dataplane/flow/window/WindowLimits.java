package dev.portcullis.dataplane.flow.window;

/**
 * The bounds that all workers' tables share. A tracked host takes 43 to 86 bytes of index; the {@link #RING_BYTES}
 * budget of counters goes to the heaviest hosts, all of them while there are fewer than it holds.
 */
public final class WindowLimits {
    /** Memory for one-second counters in one direction: 131,000 hosts at a window of five seconds. */
    static final int RING_BYTES = 92 << 20;

    private final Allowance hosts = new Allowance(0);
    private final Allowance rings = new Allowance(0);

    /** Limits without a plan yet: nothing fits. */
    public WindowLimits() {}

    /** Puts the bounds of {@code plan} in force. Any thread. */
    public void apply(WindowPlan plan) {
        hosts.most(plan.maxHosts());
        // An eighth stays without rings, so that the lightest of a full table are always known.
        rings.most(Math.min(RING_BYTES / RateRings.bytesPerHost(plan.seconds()), plan.maxHosts() / 8 * 7));
    }

    Allowance hosts() {
        return hosts;
    }

    Allowance rings() {
        return rings;
    }
}
