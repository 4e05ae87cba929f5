package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;

/** What a record stands for: its own numbers times the sampling rate. */
final class RealVolume {
    // Beyond these a record is garbage; they keep sums of many records below 2^63.
    private static final double MOST_PACKETS = 1L << 36;
    private static final double MOST_BYTES = 1L << 42;

    private RealVolume() {}

    /** Flows, 0 for a sampled packet: it is of nobody knows how many. */
    static long flows(FlowRecord flow) {
        if (!flow.countsAsFlow()) {
            return 0;
        }
        return flow.samplingRate == 1 ? 1 : (long) (flow.samplingRate + 0.5);
    }

    /** Packets, at most 2^36. */
    static long packets(FlowRecord flow) {
        return times(flow.packets, flow.samplingRate, MOST_PACKETS);
    }

    /** Bytes, at most 2^42. */
    static long bytes(FlowRecord flow) {
        return times(flow.bytes, flow.samplingRate, MOST_BYTES);
    }

    private static long times(long amount, double rate, double most) {
        return rate == 1 && amount <= most ? amount : (long) Math.min(most, amount * rate + 0.5);
    }
}
