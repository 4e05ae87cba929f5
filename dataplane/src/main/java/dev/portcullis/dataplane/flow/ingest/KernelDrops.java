package dev.portcullis.dataplane.flow.ingest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads from {@code /proc/net/udp} and {@code udp6} how many datagrams the kernel dropped for want of receive buffer.
 * Where there is no such file (not Linux) there are no numbers. Used by one thread.
 */
final class KernelDrops {
    private static final List<Path> TABLES = List.of(Path.of("/proc/net/udp"), Path.of("/proc/net/udp6"));
    private static final int LOCAL = 1;
    private static final int INODE = 9;
    private static final int DROPS = 12;

    private final Map<String, Long> last = new HashMap<>();

    /**
     * Datagrams dropped since the last call.
     *
     * @param inodes of the sockets to look at
     * @param ports of sockets whose inode is not known
     */
    long drain(Set<String> inodes, Set<Integer> ports) {
        var dropped = 0L;
        for (var table : TABLES) {
            try {
                var lines = Files.readAllLines(table);
                for (var line : lines.subList(Math.min(1, lines.size()), lines.size())) {
                    dropped += drain(line, inodes, ports);
                }
            } catch (IOException e) {
                // No IPv6, or not Linux: nothing to read is nothing to report.
                continue;
            }
        }
        return dropped;
    }

    private long drain(String line, Set<String> inodes, Set<Integer> ports) {
        var columns = line.trim().split("\\s+");
        if (columns.length <= DROPS) {
            return 0;
        }
        var inode = columns[INODE];
        if (!inodes.contains(inode) && !ports.contains(port(columns[LOCAL]))) {
            return 0;
        }
        var total = Long.parseLong(columns[DROPS]);
        var before = last.put(inode, total);
        return Math.max(0, total - (before == null ? 0 : before));
    }

    private static int port(String local) {
        var colon = local.lastIndexOf(':');
        return Integer.parseInt(local.substring(colon + 1).toLowerCase(Locale.ROOT), 16);
    }
}
