package dev.portcullis.dataplane.flow.generate;

import java.nio.ByteBuffer;

/**
 * sFlow v5: each flow is one sampled packet with its raw Ethernet header, so {@link SyntheticFlow#packets} must be 1 and
 * the bytes are those of the packet.
 */
public final class SFlow5Encoder implements TelemetryEncoder {
    private static final int MOST_BYTES = 1400;
    private static final int ETHERNET = 14;
    private static final int CHECKSUM = 4;

    private final ByteBuffer datagram = ByteBuffer.allocate(MOST_BYTES);
    private final int samplingRate;
    private int sequence;
    private int sampleSequence;
    private int samples;
    private long uptime = 3_600_000;

    /** @param samplingRate one in how many packets */
    public SFlow5Encoder(int samplingRate) {
        this.samplingRate = samplingRate;
    }

    @Override
    public void uptime(long millis) {
        uptime = millis;
    }

    @Override
    public boolean add(SyntheticFlow flow) {
        if (flow.packets() != 1) {
            throw new IllegalArgumentException("an sFlow sample is one packet, not " + flow.packets());
        }
        var header = ETHERNET + (flow.v6() ? 40 : 20) + 20;
        var padded = (header + 3) / 4 * 4;
        if (samples == 0) {
            datagram.clear();
            datagram.putInt(5).putInt(1).putInt(0x7F000001).putInt(0);
            datagram.putInt(sequence).putInt((int) uptime).putInt(0);
        }
        if (datagram.remaining() < 8 + 32 + 8 + 16 + padded) {
            return false;
        }
        samples++;
        sampleSequence++;
        datagram.putInt(1)
                .putInt(32 + 8 + 16 + padded)
                .putInt(sampleSequence)
                .putInt(1)
                .putInt(samplingRate)
                .putInt(sampleSequence * samplingRate)
                .putInt(0)
                .putInt(1)
                .putInt(2)
                .putInt(1)
                .putInt(1)
                .putInt(16 + padded)
                .putInt(1)
                .putInt((int) flow.bytes() + ETHERNET + CHECKSUM)
                .putInt(CHECKSUM)
                .putInt(header);
        var end = datagram.position() + padded;
        frame(flow);
        while (datagram.position() < end) {
            datagram.put((byte) 0);
        }
        return true;
    }

    private void frame(SyntheticFlow flow) {
        datagram.putLong(0x0200_0000_0001_0200L).putInt(2).putShort((short) (flow.v6() ? 0x86DD : 0x0800));
        if (flow.v6()) {
            datagram.putInt(6 << 28)
                    .putShort((short) (flow.bytes() - 40))
                    .put((byte) flow.ipProtocol())
                    .put((byte) 64);
        } else {
            datagram.putShort((short) 0x4500)
                    .putShort((short) flow.bytes())
                    .putInt(0)
                    .put((byte) 64)
                    .put((byte) flow.ipProtocol())
                    .putShort((short) 0);
        }
        datagram.put(flow.source().getAddress()).put(flow.destination().getAddress());
        datagram.putShort((short) flow.sourcePort()).putShort((short) flow.destinationPort());
        if (flow.ipProtocol() == 6) {
            datagram.putLong(0).put((byte) 0x50).put((byte) flow.tcpFlags()).putShort((short) 0);
        }
    }

    @Override
    public ByteBuffer take() {
        if (samples == 0) {
            return ByteBuffer.allocate(0);
        }
        datagram.flip();
        datagram.putInt(24, samples);
        sequence++;
        samples = 0;
        return datagram;
    }
}
