package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;

/** A sample of the flow records to or from one host, corrected for sampling. The data is not written any more. */
public final class HostSample {
    static final int FIELDS = 5;

    private final long[] data;
    private final int size;

    HostSample(long[] data, int size) {
        this.data = data;
        this.size = size;
    }

    static void write(long[] data, int at, long remoteHigh, long remoteLow, FlowRecord flow, long packets, long bytes) {
        data[at] = remoteHigh;
        data[at + 1] = remoteLow;
        data[at + 2] = (long) flow.sourcePort << 32
                | (long) flow.destinationPort << 16
                | (long) (flow.ipProtocol & 0xFF) << 8
                | flow.tcpFlags & 0xFF;
        data[at + 3] = packets;
        data[at + 4] = bytes;
    }

    /** How many records there are. */
    public int size() {
        return size;
    }

    /** High half of the other side's address. */
    public long remoteHigh(int record) {
        return data[record * FIELDS];
    }

    /** Low half of the other side's address. */
    public long remoteLow(int record) {
        return data[record * FIELDS + 1];
    }

    /** TCP or UDP source port. */
    public int sourcePort(int record) {
        return (int) (data[record * FIELDS + 2] >>> 32) & 0xFFFF;
    }

    /** TCP or UDP destination port. */
    public int destinationPort(int record) {
        return (int) (data[record * FIELDS + 2] >>> 16) & 0xFFFF;
    }

    /** IP protocol. */
    public int ipProtocol(int record) {
        return (int) (data[record * FIELDS + 2] >>> 8) & 0xFF;
    }

    /** TCP flags. */
    public int tcpFlags(int record) {
        return (int) data[record * FIELDS + 2] & 0xFF;
    }

    /** Real packets the record stands for. */
    public long packets(int record) {
        return data[record * FIELDS + 3];
    }

    /** Real bytes the record stands for. */
    public long bytes(int record) {
        return data[record * FIELDS + 4];
    }
}
