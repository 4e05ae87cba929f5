package dev.portcullis.e2e;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/** A router that exports NetFlow version 5, as Cisco's document describes it: 24 bytes of header, 48 a record. */
final class NetFlow5 implements AutoCloseable {
    private static final int RECORDS = 30;
    private static final int UDP = 17;

    private final DatagramSocket socket;
    private final InetSocketAddress collector;
    private int sequence;

    NetFlow5(InetSocketAddress collector) throws IOException {
        this.collector = collector;
        this.socket = new DatagramSocket();
    }

    /** Sends one datagram of 30 flows from different hosts to one, each of that many packets of 500 bytes. */
    void send(List<Integer> victim, int packets) throws IOException {
        var uptime = 3_600_000;
        var datagram = ByteBuffer.allocate(24 + 48 * RECORDS);
        datagram.putShort((short) 5).putShort((short) RECORDS).putInt(uptime);
        datagram.putInt((int) Instant.now().getEpochSecond()).putInt(0).putInt(sequence);
        datagram.putShort((short) 0).putShort((short) (1 << 14 | 1)); // sampling: every packet
        for (var record = 0; record < RECORDS; record++) {
            datagram.put((byte) 203).put((byte) 0).put((byte) 113).put((byte) (record + 1));
            victim.forEach(octet -> datagram.put(octet.byteValue()));
            datagram.putInt(0).putShort((short) 1).putShort((short) 2);
            datagram.putInt(packets).putInt(packets * 500);
            datagram.putInt(uptime - 1000).putInt(uptime);
            datagram.putShort((short) 53).putShort((short) (1024 + record));
            datagram.put((byte) 0).put((byte) 0).put((byte) UDP).put((byte) 0);
            datagram.putLong(0);
        }
        sequence += RECORDS;
        socket.send(new DatagramPacket(datagram.array(), datagram.position(), collector));
    }

    @Override
    public void close() {
        socket.close();
    }
}
