package dev.portcullis.dataplane.flow.decode;

import org.jspecify.annotations.Nullable;

/**
 * Compares what the packet samples of an sFlow agent stand for with what its interfaces counted themselves (counter samples,
 * sFlow version 5 section 5.4): a rate that is stated or configured wrongly makes every rate of the agent wrong by one factor,
 * and nothing else in the telemetry tells of it. Packets, not bytes, which include the link layer or do not.
 *
 * <p>Samples count from one counter sample of their interface to the next, and only in a direction in which there are some:
 * most switches sample what comes in alone. Its monitor is held over a datagram; what came of it is read without.
 */
final class SamplingCheck {
    /** Samples after which it says something: then chance makes it wrong by more than 10 % once in a thousand times. */
    static final long ENOUGH = 1_000;

    /** Samples beyond which older ones count half, so that a change shows within some thousand. */
    private static final long MANY = 16_000;

    /** Counters of 32 bits may have wrapped unseen after this time. */
    private static final long LONGEST_MILLIS = 300_000;

    /** What an interface takes of the bound for template fields, by its size. */
    static final int INTERFACE_FIELDS = 8;

    private static final int MOST_INTERFACES = 512;

    // Where octets and packets of either direction begin in the counters.
    private static final int IN = 24;
    private static final int OUT = 56;

    /** What one agent's samples stand for, and what its interfaces counted, in packets. */
    record Result(double sampled, double counted, long samples) {
        static final Result NONE = new Result(0, 0, 0);

        Result plus(Result other) {
            return new Result(sampled + other.sampled, counted + other.counted, samples + other.samples);
        }
    }

    private final Exporter exporter;
    private @Nullable Interface[] table = new Interface[8];
    private int interfaces;
    private boolean forgotten;
    private volatile Result result = Result.NONE;

    SamplingCheck(Exporter exporter) {
        this.exporter = exporter;
    }

    Result result() {
        return result;
    }

    /** Gives back what it holds of the exporter's bound. */
    synchronized void forget() {
        forgotten = true;
        exporter.reserveFields(-interfaces * INTERFACE_FIELDS);
        interfaces = 0;
        table = new Interface[8];
    }

    /** Counts a sample that an interface took of what came in by it, or went out. */
    synchronized void sampled(int ifIndex, boolean in, double rate) {
        var known = find(ifIndex);
        if (known != null) {
            (in ? known.in : known.out).sampled(rate);
        }
    }

    /**
     * Takes the counters of an interface.
     *
     * @param at of the generic interface counters, {@value SFlow5#INTERFACE_COUNTERS_BYTES} bytes
     */
    synchronized void counted(byte[] data, int at, long nowMillis) {
        var ifIndex = BigEndian.i32(data, at);
        var known = find(ifIndex);
        if (known == null) {
            known = add(ifIndex);
            if (known == null) {
                return;
            }
        }
        var continues = known.countedMillis > 0 && nowMillis - known.countedMillis <= LONGEST_MILLIS;
        known.countedMillis = Math.max(1, nowMillis);
        var all = result.plus(known.in.counted(data, at + IN, continues))
                .plus(known.out.counted(data, at + OUT, continues));
        result = all.samples() > MANY ? new Result(all.sampled() / 2, all.counted() / 2, all.samples() / 2) : all;
    }

    private @Nullable Interface find(int ifIndex) {
        for (var at = home(ifIndex, table.length); ; at = at + 1 & table.length - 1) {
            var each = table[at];
            if (each == null || each.ifIndex == ifIndex) {
                return each;
            }
        }
    }

    private @Nullable Interface add(int ifIndex) {
        if (forgotten || interfaces == MOST_INTERFACES || !exporter.reserveFields(INTERFACE_FIELDS)) {
            return null;
        }
        if (++interfaces * 2 > table.length) {
            var old = table;
            table = new Interface[old.length * 2];
            for (var each : old) {
                if (each != null) {
                    put(each);
                }
            }
        }
        var added = new Interface(ifIndex);
        put(added);
        return added;
    }

    private void put(Interface each) {
        var at = home(each.ifIndex, table.length);
        while (table[at] != null) {
            at = at + 1 & table.length - 1;
        }
        table[at] = each;
    }

    private static int home(int ifIndex, int length) {
        return (ifIndex * 0x9E3779B9 >>> 16) & length - 1;
    }

    private static final class Interface {
        final int ifIndex;
        final Side in = new Side();
        final Side out = new Side();
        long countedMillis;

        Interface(int ifIndex) {
            this.ifIndex = ifIndex;
        }
    }

    /** One direction of an interface. */
    private static final class Side {
        private long octets;
        private int unicast;
        private int multicast;
        private int broadcast;
        private double packets;
        private long samples;
        private boolean everSampled;

        void sampled(double rate) {
            packets += rate;
            samples++;
        }

        /** What came of the time since the last counters, which are replaced by those at {@code at}. */
        Result counted(byte[] data, int at, boolean continues) {
            var newOctets = BigEndian.i64(data, at);
            var newUnicast = BigEndian.i32(data, at + 8);
            var newMulticast = BigEndian.i32(data, at + 12);
            var newBroadcast = BigEndian.i32(data, at + 16);
            everSampled |= samples > 0;
            // An agent that has restarted begins at 0.
            var since = !continues || !everSampled || newOctets < octets
                    ? Result.NONE
                    : new Result(
                            packets,
                            (double) Integer.toUnsignedLong(newUnicast - unicast)
                                    + Integer.toUnsignedLong(newMulticast - multicast)
                                    + Integer.toUnsignedLong(newBroadcast - broadcast),
                            samples);
            octets = newOctets;
            unicast = newUnicast;
            multicast = newMulticast;
            broadcast = newBroadcast;
            packets = 0;
            samples = 0;
            return since;
        }
    }
}
