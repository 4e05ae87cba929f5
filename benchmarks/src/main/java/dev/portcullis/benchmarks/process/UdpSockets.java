package dev.portcullis.benchmarks.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The UDP sockets bound to one port of this machine, from {@code /proc/net/udp} and {@code udp6}.
 *
 * @param count sockets
 * @param dropped datagrams the kernel dropped since they were bound, for want of receive buffer
 * @param waiting bytes that nobody has read yet
 */
public record UdpSockets(int count, long dropped, long waiting) {
    private static final int LOCAL = 1;
    private static final int QUEUES = 4;
    private static final int DROPS = 12;

    /** Reads. */
    public static UdpSockets on(int port) throws IOException {
        var count = 0;
        var dropped = 0L;
        var waiting = 0L;
        var suffix = String.format(":%04X", port);
        for (var table : new Path[] {Path.of("/proc/net/udp"), Path.of("/proc/net/udp6")}) {
            if (!Files.exists(table)) {
                continue;
            }
            for (var line : Files.readAllLines(table)) {
                var columns = line.strip().split("\\s+");
                if (columns.length > DROPS && columns[LOCAL].endsWith(suffix)) {
                    count++;
                    dropped += Long.parseLong(columns[DROPS]);
                    waiting += Long.parseLong(columns[QUEUES].substring(columns[QUEUES].indexOf(':') + 1), 16);
                }
            }
        }
        return new UdpSockets(count, dropped, waiting);
    }
}
