package dev.portcullis.dataplane.flow.decode;

/**
 * One flow record, or one sampled packet, as every protocol comes out of its decoder. Mutable and reused: a worker owns
 * {@value FlowSink#BATCH}, and a {@link FlowSink} must copy what it wants to keep. Addresses are in the form of {@link IpBits}.
 */
public final class FlowRecord {
    /** High half of the source address. */
    public long sourceHigh;
    /** Low half of the source address. */
    public long sourceLow;
    /** High half of the destination address. */
    public long destinationHigh;
    /** Low half of the destination address. */
    public long destinationLow;
    /** Packets seen by the exporter, not corrected for sampling. */
    public long packets;
    /** Bytes of the packets from their IP header on, not corrected for sampling. */
    public long bytes;
    /**
     * What packets and bytes are multiplied with: one in how many packets the exporter looked at, not always whole (RFC 5477:
     * 3 of 10), and half of that where it looks at each packet twice.
     */
    public double samplingRate;
    /** TCP or UDP source port, else 0. */
    public int sourcePort;
    /** TCP or UDP destination port, else 0. */
    public int destinationPort;
    /** IP protocol number. */
    public int ipProtocol;
    /** All TCP flags seen in the flow, low eight bits. */
    public int tcpFlags;
    /** True for any fragment of a fragmented packet. */
    public boolean fragment;
    /** ifIndex the flow came in by, 0 when unknown. */
    public long inputInterface;
    /** ifIndex the flow left by, 0 when unknown. */
    public long outputInterface;
    /** False where the record is not to be counted as coming in, because it came in by no external interface. */
    public boolean incomingCounts = true;
    /** False where the record is not to be counted as going out. */
    public boolean outgoingCounts = true;
    /** When the record arrived, monotonic milliseconds; the flow's last packet is booked here. */
    public long arrivalMillis;
    /** Time from the flow's first to its last packet in milliseconds, 0 when unknown. */
    public long durationMillis;
    /** Where it came from. */
    public Protocol protocol = Protocol.NETFLOW5;
    /** Flows it stands for, set by {@link #correct}; 0 for a sampled packet, which is one of nobody knows how many flows. */
    public long realFlows;
    /** Packets it stands for, set by {@link #correct}; at most 2^36. */
    public long realPackets;
    /** Bytes it stands for, set by {@link #correct}; at most 2^42. */
    public long realBytes;

    // Beyond these a record is garbage; they keep sums of many records below 2^63.
    private static final long MOST_PACKETS = 1L << 36;
    private static final long MOST_BYTES = 1L << 42;

    // Products of numbers below these two are below 2^63.
    private static final long MULTIPLIABLE = 1L << 38;
    private static final long MOST_WHOLE_RATE = 1L << 24;

    /** True where a record is a flow; an sFlow sample is one packet of nobody knows how many flows. */
    public boolean countsAsFlow() {
        return protocol != Protocol.SFLOW5;
    }

    /** Works out what the record stands for: its numbers times the sampling rate. */
    public void correct() {
        correct(wholeRate(samplingRate));
    }

    /** Works out what the first {@code count} of {@code flows} stand for; those of one datagram nearly always share a rate. */
    public static void correct(FlowRecord[] flows, int count) {
        var rate = 0.0;
        var whole = 0L;
        for (var i = 0; i < count; i++) {
            var flow = flows[i];
            if (flow.samplingRate != rate) {
                rate = flow.samplingRate;
                whole = wholeRate(rate);
            }
            flow.correct(whole);
        }
    }

    /** The rate where it is a whole number that can be multiplied with, else 0. */
    private static long wholeRate(double rate) {
        var whole = (long) rate;
        return whole == rate && whole < MOST_WHOLE_RATE ? whole : 0;
    }

    private void correct(long whole) {
        if (whole > 0 && packets < MULTIPLIABLE && bytes < MULTIPLIABLE) {
            realPackets = Math.min(MOST_PACKETS, packets * whole);
            realBytes = Math.min(MOST_BYTES, bytes * whole);
            realFlows = countsAsFlow() ? whole : 0;
        } else {
            realPackets = (long) Math.min(MOST_PACKETS, packets * samplingRate + 0.5);
            realBytes = (long) Math.min(MOST_BYTES, bytes * samplingRate + 0.5);
            realFlows = countsAsFlow() ? (long) (samplingRate + 0.5) : 0;
        }
    }

    /** Takes the other direction of {@code flow}, which may be this one; packets, bytes and flags stay to be set. */
    void reverse(FlowRecord flow) {
        var high = flow.sourceHigh;
        var low = flow.sourceLow;
        var port = flow.sourcePort;
        var input = flow.inputInterface;
        sourceHigh = flow.destinationHigh;
        sourceLow = flow.destinationLow;
        sourcePort = flow.destinationPort;
        inputInterface = flow.outputInterface;
        destinationHigh = high;
        destinationLow = low;
        destinationPort = port;
        outputInterface = input;
        ipProtocol = flow.ipProtocol;
        samplingRate = flow.samplingRate;
        durationMillis = flow.durationMillis;
        fragment = false;
    }

    /** Forgets everything but what the datagram sets: arrival, protocol. */
    void clear() {
        sourceHigh = 0;
        sourceLow = 0;
        destinationHigh = 0;
        destinationLow = 0;
        packets = 0;
        bytes = 0;
        samplingRate = 1;
        sourcePort = 0;
        destinationPort = 0;
        ipProtocol = 0;
        tcpFlags = 0;
        fragment = false;
        inputInterface = 0;
        outputInterface = 0;
        durationMillis = 0;
    }
}
