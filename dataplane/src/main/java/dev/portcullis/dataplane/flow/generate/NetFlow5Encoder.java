package dev.portcullis.dataplane.flow.generate;

import java.nio.ByteBuffer;

/** NetFlow v5: 30 records of 48 bytes a datagram, IPv4 only. */
public final class NetFlow5Encoder implements TelemetryEncoder {
    private static final int HEADER = 24;
    private static final int RECORD = 48;
    private static final int MOST_RECORDS = 30;

    private final ByteBuffer datagram = ByteBuffer.allocate(HEADER + MOST_RECORDS * RECORD);
    private final int samplingRate;
    private int count;
    private int sequence;
    private long uptime = 3_600_000;

    /** @param samplingRate one in how many packets, up to 16383 */
    public NetFlow5Encoder(int samplingRate) {
        if (samplingRate < 1 || samplingRate > 0x3FFF) {
            throw new IllegalArgumentException("NetFlow v5 states sampling rates of 1 to 16383, not " + samplingRate);
        }
        this.samplingRate = samplingRate;
        datagram.position(HEADER);
    }

    @Override
    public void uptime(long millis) {
        uptime = millis;
    }

    @Override
    public boolean add(SyntheticFlow flow) {
        if (flow.v6()) {
            throw new IllegalArgumentException("NetFlow v5 carries no IPv6: use v9, ipfix or sflow");
        }
        if (count == MOST_RECORDS) {
            return false;
        }
        if (count == 0) {
            datagram.clear().position(HEADER);
        }
        count++;
        datagram.put(flow.source().getAddress())
                .put(flow.destination().getAddress())
                .putInt(0)
                .putShort((short) 1)
                .putShort((short) 2)
                .putInt((int) flow.packets())
                .putInt((int) flow.bytes())
                .putInt((int) (uptime - flow.durationMillis()))
                .putInt((int) uptime)
                .putShort((short) flow.sourcePort())
                .putShort((short) flow.destinationPort())
                .put((byte) 0)
                .put((byte) flow.tcpFlags())
                .put((byte) flow.ipProtocol())
                .put((byte) 0)
                .putLong(0);
        return true;
    }

    @Override
    public ByteBuffer take() {
        if (count == 0) {
            return ByteBuffer.allocate(0);
        }
        datagram.flip();
        datagram.putShort(0, (short) 5)
                .putShort(2, (short) count)
                .putInt(4, (int) uptime)
                .putInt(8, (int) (uptime / 1000))
                .putInt(12, 0)
                .putInt(16, sequence)
                .putShort(20, (short) 0)
                .putShort(22, (short) (samplingRate == 1 ? 0 : 0x4000 | samplingRate));
        sequence += count;
        count = 0;
        return datagram;
    }
}
