package dev.portcullis.dataplane.flow.window;

import java.util.concurrent.ThreadLocalRandom;

/**
 * The bounds that all workers' windows share. A tracked host takes 77 to 154 bytes of
 * table; {@link #RING_BYTES} of exact counters go to the heaviest of those near a limit, and {@link #SAMPLE_BYTES} of
 * samples to those nearest.
 */
public final class WindowLimits {
    /** Memory for one-second counters of hosts in one direction: 131,000 hosts at a window of five seconds. */
    static final int RING_BYTES = 92 << 20;

    /** Memory for samples of hosts, both directions together: 734 victims of 2,000 records. */
    static final int SAMPLE_BYTES = 56 << 20;

    /** The same of prefixes and groups: 74. */
    static final int AGGREGATE_SAMPLE_BYTES = 8 << 20;

    /**
     * Memory for smaller samples of further prefixes and groups: 599 of 500 records. Without one nobody can say whether a
     * prefix is bombed, and a carpet is laid over hundreds of them at once; how many hosts it covers a few hundred records tell.
     */
    static final int AGGREGATE_SMALL_SAMPLE_BYTES = 16 << 20;

    /** What a smaller sample has of the records of another. */
    private static final int SMALL_PART = 4;

    /** Records that show of any number of hosts that may be asked for, up to 256, nearly each one. */
    private static final int FEWEST_RECORDS_A_HOST = 8;

    /** Prefixes and groups measured as one. */
    static final int MOST_AGGREGATES = 65_536;

    private final long hashSeed = ThreadLocalRandom.current().nextLong();
    private final Samples hosts = new Samples(HostSample.FIELDS);
    private final Samples aggregates = new Samples(HostSample.FIELDS_WITH_HOST);
    private final Share incoming;
    private final Share outgoing;
    private final Share prefixes;
    private final Share totals;

    /** What the windows of one kind share. */
    static final class Share {
        private final Allowance hosts = new Allowance(0);
        private final Allowance rings = new Allowance(0);
        private final Samples samples;
        private final long hashSeed;
        private final int workers;

        Share(Samples samples, long hashSeed, int workers) {
            this.samples = samples;
            this.hashSeed = hashSeed;
            this.workers = workers;
        }

        /** How many workers share. */
        int workers() {
            return workers;
        }

        /** What tables of hosts hash with: all with the same, so that those that several workers see are counted once. */
        long hashSeed() {
            return hashSeed;
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
        private final Allowance samples = new Allowance(0);
        private final Allowance small = new Allowance(0);
        private final int fields;
        private volatile int each = 1;
        private volatile int eachSmall = 1;

        /** @param fields longs a record takes */
        Samples(int fields) {
            this.fields = fields;
        }

        /** Records one reservoir has. */
        int records() {
            return each;
        }

        /** Records a small one has. */
        int smallRecords() {
            return eachSmall;
        }

        boolean tryTake() {
            return samples.tryTake();
        }

        /** The same of a small one, where all others are taken. */
        boolean tryTakeSmall() {
            return small.tryTake();
        }

        void giveBack(boolean ofSmall) {
            (ofSmall ? small : samples).giveBack();
        }

        private void most(int bytes, int recordsEach) {
            each = recordsEach;
            samples.most(bytes / (recordsEach * fields * Long.BYTES));
        }

        private void mostSmall(int bytes, int recordsEach) {
            eachSmall = recordsEach;
            small.most(bytes / (recordsEach * fields * Long.BYTES));
        }
    }

    /** Limits of one or two workers, without a plan yet: nothing fits. */
    public WindowLimits() {
        this(2);
    }

    /** The same of so many workers. */
    public WindowLimits(int workers) {
        incoming = new Share(hosts, hashSeed, workers);
        outgoing = new Share(hosts, hashSeed, workers);
        prefixes = new Share(aggregates, hashSeed, workers);
        totals = new Share(aggregates, hashSeed, workers);
    }

    /** Puts the bounds of {@code plan} in force. Any thread. */
    public void apply(WindowPlan plan) {
        // An eighth stays without rings, so that the lightest of a full table are always known.
        var rings = Math.min(RING_BYTES / RateRings.bytesPerHost(plan.seconds()), plan.maxHosts() / 8 * 7);
        incoming.most(plan.maxHosts(), rings);
        outgoing.most(plan.maxHosts(), rings);
        prefixes.most(MOST_AGGREGATES, Math.min(rings, MOST_AGGREGATES / 8));
        totals.most(MOST_AGGREGATES, Math.min(rings, MOST_AGGREGATES / 8));
        hosts.most(SAMPLE_BYTES, plan.sampleRecords());
        aggregates.most(AGGREGATE_SAMPLE_BYTES, plan.sampleRecords());
        var fewest = Math.max(plan.sampleRecords() / SMALL_PART, plan.carpetHosts() * FEWEST_RECORDS_A_HOST);
        aggregates.mostSmall(AGGREGATE_SMALL_SAMPLE_BYTES, Math.min(plan.sampleRecords(), fewest));
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
