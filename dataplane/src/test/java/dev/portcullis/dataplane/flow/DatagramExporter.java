package dev.portcullis.dataplane.flow;

import dev.portcullis.dataplane.flow.decode.Datagrams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** An exporter on loopback that sends what a test writes, over a real socket. */
final class DatagramExporter implements AutoCloseable {
    private static final int TEMPLATE = 256;
    private static final int RECORDS = 40;

    private final DatagramSocket socket;
    private int sequence;

    /** An exporter at {@code address}, of 127.0.0.0/8. */
    DatagramExporter(String address) {
        try {
            socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(address), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void send(int port, byte[]... datagrams) {
        try {
            for (var datagram : datagrams) {
                socket.send(new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), port));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * IPFIX: the template, then a flow of {@code packets} SYNs to each destination.
     *
     * @return how many datagrams that were
     */
    int sendFlows(int port, String source, List<String> destinations, int packets) {
        var datagrams = new ArrayList<byte[]>();
        datagrams.add(Datagrams.ipfix(sequence, 1, Datagrams.set(2, Datagrams.standardTemplate(TEMPLATE))));
        for (var first = 0; first < destinations.size(); first += RECORDS) {
            var records = destinations.subList(first, Math.min(first + RECORDS, destinations.size())).stream()
                    .map(destination -> Datagrams.record(source, destination, packets))
                    .toArray(byte[][]::new);
            datagrams.add(Datagrams.ipfix(sequence, 1, Datagrams.set(TEMPLATE, records)));
            sequence += records.length;
        }
        send(port, datagrams.toArray(byte[][]::new));
        return datagrams.size();
    }

    /** So many hosts of 10.0.0.0/8, from the one with that number on. */
    static List<String> hosts(int first, int count) {
        return IntStream.range(first, first + count)
                .mapToObj(host -> "10." + (host >> 16) + "." + (host >> 8 & 0xFF) + "." + (host & 0xFF))
                .toList();
    }

    @Override
    public void close() {
        socket.close();
    }
}
