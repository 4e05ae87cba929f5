package dev.portcullis.dataplane.flow.window;

/**
 * The bounds that all workers' windows share. A tracked host takes 77 to 154 bytes of
 * table; {@link #RING_BYTES} of exact counters go to the heaviest of those near a limit, and {@link #SAMPLE_BYTES} of
 * samples to those nearest.
 */
public final class WindowLimits {
    /** Memory for one-second counters of hosts in one direction: 131,000 hosts at a window of five seconds. */
    static final int RING_BYTES = 92 << 20;

    /** Memory for samples, all directions together: 599 victims of 2,000 records. */
    static final int SAMPLE_BYTES = 64 << 20;

    /** Prefixes and groups measured as one. */
    static final int MOST_AGGREGATES = 65_536;

    private final Samples samples = new Samples();
    private final Share incoming = new Share(samples);
    private final Share outgoing = new Share(samples);
    private final Share prefixes = new Share(samples);
    private final Share totals = new Share(samples);

    /** What the windows of one kind share. */
    static final class Share {
        private final Allowance hosts = new Allowance(0);
        private final Allowance rings = new Allowance(0);
        private final Samples samples;

        Share(Samples samples) {
            this.samples = samples;
        }

        Allowance hosts() {
            return hosts;
        }

        Allowance rings() {
            return rings;
        }

        Samples samples() {
            return samples;
        }

        private void most(int hostCount, int ringCount) {
            hosts.most(hostCount);
            rings.most(ringCount);
        }
    }

    /** How many samples there may be, and how large. */
    static final class Samples {
        private final Allowance records = new Allowance(0);
        private volatile int each = 1;

        /** Records one reservoir has. */
        int records() {
            return each;
        }

        boolean tryTake() {
            return records.tryTake();
        }

        void giveBack() {
            records.giveBack();
        }
    }

    /** Limits without a plan yet: nothing fits. */
    public WindowLimits() {}

    /** Puts the bounds of {@code plan} in force. Any thread. */
    public void apply(WindowPlan plan) {
        // An eighth stays without rings, so that the lightest of a full table are always known.
        var rings = Math.min(RING_BYTES / RateRings.bytesPerHost(plan.seconds()), plan.maxHosts() / 8 * 7);
        incoming.most(plan.maxHosts(), rings);
        outgoing.most(plan.maxHosts(), rings);
        prefixes.most(MOST_AGGREGATES, Math.min(rings, MOST_AGGREGATES / 8));
        totals.most(MOST_AGGREGATES, Math.min(rings, MOST_AGGREGATES / 8));
        samples.each = plan.sampleRecords();
        samples.records.most(SAMPLE_BYTES / (plan.sampleRecords() * HostSample.FIELDS_WITH_HOST * Long.BYTES));
    }

    Share incoming() {
        return incoming;
    }

    Share outgoing() {
        return outgoing;
    }

    Share prefixes() {
        return prefixes;
    }

    Share totals() {
        return totals;
    }
}
