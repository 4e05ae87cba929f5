package dev.portcullis.benchmarks.flow;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends datagrams made beforehand to a collector of this machine at an even pace, as one exporter whose clock and sequence
 * numbers go on. A sender that was held up goes on at its pace and makes up for nothing: a burst would measure the holdup.
 */
final class PacedSender implements AutoCloseable {
    private static final long STEP_NANOS = 250_000;
    private static final long MOST_BEHIND_NANOS = 10_000_000;

    private final FlowTraffic.Format format;
    private final FlowTraffic traffic;
    private final DatagramChannel channel;
    private final List<ByteBuffer> datagrams = new ArrayList<>();
    private final int[] steps;
    private int next;
    private int sequence;

    /**
     * What was sent.
     *
     * @param seconds from the first to the last
     */
    record Sent(long flows, long datagrams, double seconds) {}

    PacedSender(FlowTraffic.Format format, FlowTraffic traffic) throws IOException {
        this.format = format;
        this.traffic = traffic;
        for (var datagram : traffic.datagrams()) {
            datagrams.add(
                    ByteBuffer.allocateDirect(datagram.length).put(datagram).flip());
        }
        steps = steps();
        channel = DatagramChannel.open();
        channel.setOption(StandardSocketOptions.SO_SNDBUF, 4 << 20);
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** Sends to {@code port} for so long. */
    Sent send(int port, int flowsASecond, double seconds) throws IOException {
        var to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        channel.connect(to);
        try {
            var wallOffset = System.currentTimeMillis() - System.nanoTime() / 1_000_000;
            var nanosAFlow = 1e9 / flowsASecond;
            var begin = System.nanoTime();
            var end = begin + (long) (seconds * 1e9);
            double due = begin;
            var flows = 0L;
            var sent = 0L;
            for (var now = begin; now < end; now = System.nanoTime()) {
                due = Math.max(due, now - MOST_BEHIND_NANOS);
                var unixSeconds = (int) ((now / 1_000_000 + wallOffset) / 1000);
                while (due <= now) {
                    var inIt = send(unixSeconds);
                    flows += inIt;
                    due += inIt * nanosAFlow;
                    sent++;
                }
                LockSupport.parkNanos(STEP_NANOS);
            }
            return new Sent(flows, sent, (System.nanoTime() - begin) / 1e9);
        } finally {
            channel.disconnect();
        }
    }

    private int send(int unixSeconds) throws IOException {
        var datagram = datagrams.get(next);
        var flows = traffic.flowsIn(next);
        stamp(datagram, unixSeconds);
        try {
            channel.write(datagram);
        } catch (PortUnreachableException gone) {
            throw new IOException("the collector no longer listens", gone);
        }
        datagram.rewind();
        next = next + 1 == datagrams.size() ? 0 : next + 1;
        return flows;
    }

    private void stamp(ByteBuffer datagram, int unixSeconds) {
        datagram.putInt(sequenceAt(), sequence);
        sequence += steps[next];
        switch (format) {
            case NETFLOW5, NETFLOW9 -> datagram.putInt(8, unixSeconds);
            case IPFIX -> datagram.putInt(4, unixSeconds);
            case SFLOW5 -> {}
        }
    }

    private int sequenceAt() {
        return switch (format) {
            case NETFLOW5, SFLOW5 -> 16;
            case NETFLOW9 -> 12;
            case IPFIX -> 8;
        };
    }

    /** How far each datagram takes the sequence number: as far as the one after it was made with. */
    private int[] steps() {
        var each = new int[datagrams.size()];
        for (var i = 0; i < each.length; i++) {
            each[i] = i + 1 < each.length
                    ? datagrams.get(i + 1).getInt(sequenceAt())
                            - datagrams.get(i).getInt(sequenceAt())
                    : format == FlowTraffic.Format.NETFLOW9 || format == FlowTraffic.Format.SFLOW5
                            ? 1
                            : traffic.flowsIn(i);
        }
        return each;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
