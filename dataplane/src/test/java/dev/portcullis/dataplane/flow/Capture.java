package dev.portcullis.dataplane.flow;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A packet capture in libpcap's format, and the truth about it: what was sent to each destination. TCP and UDP packets of
 * both families over five seconds, cut off after their headers as a capture with a short snapshot length is.
 *
 * @param packets to each destination
 * @param bytes from the IP header on, to each destination
 */
record Capture(Path file, Map<InetAddress, Long> packets, Map<InetAddress, Long> bytes) {
    private static final int HOSTS = 16;

    Capture {
        packets = Map.copyOf(packets);
        bytes = Map.copyOf(bytes);
    }

    /**
     * Writes {@code count} packets of {@code flows} flows, a quarter of them IPv6.
     *
     * @param spread lengths are from 600 - spread to 600 + spread
     */
    static Capture write(Path file, int count, int flows, int spread) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            return write(out, file, count, count, flows, spread, new int[0]);
        }
    }

    /** The same in VLANs: each frame has these types of tag (0x8100: IEEE 802.1Q), the outer first. */
    static Capture tagged(Path file, int count, int flows, int spread, int... tags) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            return write(out, file, count, count, flows, spread, tags);
        }
    }

    /** The truth about the first {@code first} packets of what {@link #write} wrote with the same other arguments. */
    static Capture beginning(int first, int count, int flows, int spread) throws IOException {
        return write(OutputStream.nullOutputStream(), Path.of("beginning"), first, count, flows, spread, new int[0]);
    }

    private static Capture write(OutputStream to, Path file, int first, int count, int flows, int spread, int[] tags)
            throws IOException {
        var random = new SplittableRandom(7);
        var packets = new HashMap<InetAddress, Long>();
        var bytes = new HashMap<InetAddress, Long>();
        try (var out = new DataOutputStream(new BufferedOutputStream(to, 1 << 20))) {
            out.writeInt(0xA1B2_C3D4);
            out.writeInt(0x0002_0004);
            out.writeLong(0);
            out.writeInt(65_535);
            out.writeInt(1);
            for (var i = 0; i < first; i++) {
                var flow = i < flows ? i : random.nextInt(flows);
                var length = 600 - spread + random.nextInt(2 * spread + 1);
                write(out, 5_000_000L * i / count, flow, length, tags);
                packets.merge(destination(flow), 1L, Long::sum);
                bytes.merge(destination(flow), (long) length, Long::sum);
            }
        }
        return new Capture(file, packets, bytes);
    }

    private static boolean v6(int flow) {
        return flow % 4 == 3;
    }

    private static InetAddress destination(int flow) {
        var host = 1 + flow / 4 % HOSTS;
        return InetAddress.ofLiteral(v6(flow) ? "2001:db8:100::" + Integer.toHexString(host) : "198.51.100." + host);
    }

    private static InetAddress source(int flow) {
        return InetAddress.ofLiteral(
                v6(flow)
                        ? "2001:db8:7::" + Integer.toHexString(1 + flow)
                        : "192.0." + (flow >>> 8 & 0x7F) + "." + (flow & 0xFF));
    }

    private static void write(DataOutputStream out, long micros, int flow, int length, int[] tags) throws IOException {
        var udp = flow % 2 == 0;
        var header = (v6(flow) ? 40 : 20) + (udp ? 8 : 20);
        out.writeInt((int) (1_700_000_000 + micros / 1_000_000));
        out.writeInt((int) (micros % 1_000_000));
        out.writeInt(14 + 4 * tags.length + header);
        out.writeInt(14 + 4 * tags.length + length);
        out.writeLong(0x0200_0000_0001_0200L);
        out.writeInt(2);
        for (var tag : tags) {
            out.writeShort(tag);
            out.writeShort(100);
        }
        out.writeShort(v6(flow) ? 0x86DD : 0x0800);
        if (v6(flow)) {
            out.writeInt(0x6000_0000);
            out.writeShort(length - 40);
            out.writeByte(udp ? 17 : 6);
            out.writeByte(64);
        } else {
            out.writeShort(0x4500);
            out.writeShort(length);
            out.writeInt(0);
            out.writeByte(64);
            out.writeByte(udp ? 17 : 6);
            out.writeShort(0);
        }
        out.write(source(flow).getAddress());
        out.write(destination(flow).getAddress());
        out.writeShort(1024 + flow);
        out.writeShort(udp ? 53 : 80);
        if (udp) {
            out.writeShort(length - (v6(flow) ? 40 : 20));
            out.writeShort(0);
        } else {
            out.writeLong(0x0000_0001_0000_0001L);
            out.writeInt(0x5010_1000);
            out.writeInt(0);
        }
    }

    /** All packets of one family. */
    long packets(boolean v6Too) {
        return sum(packets, v6Too);
    }

    /** All bytes of one family. */
    long bytes(boolean v6Too) {
        return sum(bytes, v6Too);
    }

    private static long sum(Map<InetAddress, Long> each, boolean v6Too) {
        return each.entrySet().stream()
                .filter(entry -> v6Too || entry.getKey().getAddress().length == 4)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
