package dev.portcullis.dataplane.flow.generate;

import java.nio.ByteBuffer;

/**
 * NetFlow v9 (RFC 3954) and IPFIX (RFC 7011): templates for both families and a sampling option in the first datagram
 * and then every {@value #REPEAT}, data sets of one family at a time.
 */
public final class TemplatedEncoder implements TelemetryEncoder {
    /** Datagrams between two announcements of the templates. */
    public static final int REPEAT = 50;

    private static final int MOST_BYTES = 1400;
    private static final int V4_TEMPLATE = 256;
    private static final int V6_TEMPLATE = 257;
    private static final int OPTIONS_TEMPLATE = 258;

    /** Element and length of each field after the two addresses. */
    private static final int[][] FIELDS = {{7, 2}, {11, 2}, {4, 1}, {6, 1}, {2, 8}, {1, 8}, {22, 4}, {21, 4}, {10, 4}};

    private final ByteBuffer datagram = ByteBuffer.allocate(MOST_BYTES);
    private final boolean ipfix;
    private final int samplingRate;
    private final int domain;
    private int sequence;
    private int datagrams;
    private int records;
    private int dataRecords;
    private int setStart = -1;
    private boolean setIsV6;
    private boolean begun;
    private long uptime = 3_600_000;

    /**
     * An encoder of one observation domain.
     *
     * @param ipfix false for NetFlow v9
     * @param samplingRate one in how many packets
     */
    public TemplatedEncoder(boolean ipfix, int samplingRate, int domain) {
        this.ipfix = ipfix;
        this.samplingRate = samplingRate;
        this.domain = domain;
    }

    @Override
    public void uptime(long millis) {
        uptime = millis;
    }

    @Override
    public boolean add(SyntheticFlow flow) {
        begin();
        var record = (flow.v6() ? 32 : 8) + 34;
        if (datagram.remaining() < record + 4 + 3) {
            return false;
        }
        if (setStart < 0 || setIsV6 != flow.v6()) {
            endSet();
            setStart = datagram.position();
            setIsV6 = flow.v6();
            datagram.putShort((short) (setIsV6 ? V6_TEMPLATE : V4_TEMPLATE)).putShort((short) 0);
        }
        datagram.put(flow.source().getAddress())
                .put(flow.destination().getAddress())
                .putShort((short) flow.sourcePort())
                .putShort((short) flow.destinationPort())
                .put((byte) flow.ipProtocol())
                .put((byte) flow.tcpFlags())
                .putLong(flow.packets())
                .putLong(flow.bytes())
                .putInt((int) (uptime - flow.durationMillis()))
                .putInt((int) uptime)
                .putInt(1);
        records++;
        dataRecords++;
        return true;
    }

    private void begin() {
        if (begun) {
            return;
        }
        begun = true;
        datagram.clear().position(ipfix ? 16 : 20);
        if (datagrams % REPEAT == 0) {
            announce();
        }
    }

    private void announce() {
        var start = datagram.position();
        datagram.putShort((short) (ipfix ? 2 : 0)).putShort((short) 0);
        template(V4_TEMPLATE, 8, 12, 4);
        template(V6_TEMPLATE, 27, 28, 16);
        close(start);
        start = datagram.position();
        // One scope (the whole system, an interface number in IPFIX) and the sampling interval.
        datagram.putShort((short) (ipfix ? 3 : 1)).putShort((short) 0).putShort((short) OPTIONS_TEMPLATE);
        if (ipfix) {
            datagram.putShort((short) 3).putShort((short) 1);
        } else {
            datagram.putShort((short) 4).putShort((short) 8);
        }
        field(ipfix ? 149 : 1, 4);
        // IPFIX says how many packets are taken and how many left out, v9 one in how many is taken.
        field(ipfix ? 305 : 34, 4);
        field(ipfix ? 306 : 35, ipfix ? 4 : 1);
        close(start);
        start = datagram.position();
        datagram.putShort((short) OPTIONS_TEMPLATE).putShort((short) 0).putInt(domain);
        if (ipfix) {
            datagram.putInt(1).putInt(samplingRate - 1);
        } else {
            datagram.putInt(samplingRate).put((byte) 2);
        }
        close(start);
        records += 4;
        dataRecords++;
    }

    private void template(int id, int source, int destination, int addressBytes) {
        datagram.putShort((short) id).putShort((short) (FIELDS.length + 2));
        field(source, addressBytes);
        field(destination, addressBytes);
        for (var field : FIELDS) {
            field(field[0], field[1]);
        }
    }

    private void field(int element, int bytes) {
        datagram.putShort((short) element).putShort((short) bytes);
    }

    private void close(int start) {
        while ((datagram.position() - start) % 4 != 0) {
            datagram.put((byte) 0);
        }
        datagram.putShort(start + 2, (short) (datagram.position() - start));
    }

    private void endSet() {
        if (setStart >= 0) {
            close(setStart);
            setStart = -1;
        }
    }

    @Override
    public ByteBuffer take() {
        if (!begun) {
            return ByteBuffer.allocate(0);
        }
        endSet();
        datagram.flip();
        if (ipfix) {
            datagram.putShort(0, (short) 10)
                    .putShort(2, (short) datagram.limit())
                    .putInt(4, (int) (uptime / 1000))
                    .putInt(8, sequence)
                    .putInt(12, domain);
            sequence += dataRecords;
        } else {
            datagram.putShort(0, (short) 9)
                    .putShort(2, (short) records)
                    .putInt(4, (int) uptime)
                    .putInt(8, (int) (uptime / 1000))
                    .putInt(12, sequence)
                    .putInt(16, domain);
            sequence++;
        }
        datagrams++;
        records = 0;
        dataRecords = 0;
        begun = false;
        return datagram;
    }
}
