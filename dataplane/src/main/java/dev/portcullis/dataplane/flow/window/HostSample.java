package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;

/** A sample of the flow records to or from one host, prefix or group, corrected for sampling. The data is not written any more. */
public final class HostSample {
    /** Longs a record of a host takes. */
    static final int FIELDS = 5;

    /** Longs a record takes where it matters which protected host it is of. */
    static final int FIELDS_WITH_HOST = 7;

    private final long[] data;
    private final int fields;
    private final int size;
    private final double recent;

    /** @param recent records that came lately, of which these were drawn */
    HostSample(long[] data, int fields, int size, double recent) {
        this.data = data;
        this.fields = fields;
        this.size = size;
        this.recent = recent;
    }

    static void write(long[] data, int at, FlowRecord flow, boolean outgoing) {
        data[at] = outgoing ? flow.destinationHigh : flow.sourceHigh;
        data[at + 1] = outgoing ? flow.destinationLow : flow.sourceLow;
        data[at + 2] = (flow.fragment ? 1L << 48 : 0)
                | (long) flow.sourcePort << 32
                | (long) flow.destinationPort << 16
                | (long) (flow.ipProtocol & 0xFF) << 8
                | flow.tcpFlags & 0xFF;
        data[at + 3] = flow.realPackets;
        data[at + 4] = flow.realBytes;
    }

    /** How many records there are. */
    public int size() {
        return size;
    }

    /** How many records it was drawn from lately: what it weighs beside the samples of other workers. */
    public double recent() {
        return recent;
    }

    /** High half of the other side's address. */
    public long remoteHigh(int record) {
        return data[record * fields];
    }

    /** Low half of the other side's address. */
    public long remoteLow(int record) {
        return data[record * fields + 1];
    }

    /** High half of the protected host's address, 0 in a sample of one host. */
    public long hostHigh(int record) {
        return fields == FIELDS ? 0 : data[record * fields + 5];
    }

    /** Low half of the protected host's address, 0 in a sample of one host. */
    public long hostLow(int record) {
        return fields == FIELDS ? 0 : data[record * fields + 6];
    }

    /** TCP or UDP source port. */
    public int sourcePort(int record) {
        return (int) (data[record * fields + 2] >>> 32) & 0xFFFF;
    }

    /** TCP or UDP destination port. */
    public int destinationPort(int record) {
        return (int) (data[record * fields + 2] >>> 16) & 0xFFFF;
    }

    /** IP protocol. */
    public int ipProtocol(int record) {
        return (int) (data[record * fields + 2] >>> 8) & 0xFF;
    }

    /** True for a fragment of a fragmented packet. */
    public boolean fragment(int record) {
        return (data[record * fields + 2] >>> 48 & 1) != 0;
    }

    /** TCP flags. */
    public int tcpFlags(int record) {
        return (int) data[record * fields + 2] & 0xFF;
    }

    /** Real packets the record stands for. */
    public long packets(int record) {
        return data[record * fields + 3];
    }

    /** Real bytes the record stands for. */
    public long bytes(int record) {
        return data[record * fields + 4];
    }
}
