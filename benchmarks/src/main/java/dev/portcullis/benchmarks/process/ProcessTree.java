package dev.portcullis.benchmarks.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** What a process and its descendants have used, from {@code /proc} (proc(5)). */
public record ProcessTree(ProcessHandle root) {
    /** Clock ticks a second: USER_HZ, 100 on every Linux that Debian builds. */
    private static final double TICKS = 100;

    /** CPU seconds of all of them, user and system; those of children that ended included. */
    public double cpuSeconds() {
        return pids().mapToDouble(ProcessTree::cpu).sum();
    }

    /** Resident memory of all of them, MiB. Shared pages count once for each process. */
    public double residentMib() {
        return pids().mapToDouble(ProcessTree::resident).sum();
    }

    private LongStream pids() {
        return Stream.concat(Stream.of(root), root.descendants()).mapToLong(ProcessHandle::pid);
    }

    private static double cpu(long pid) {
        try {
            var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            // Fields 14 to 17 of proc(5): utime, stime, cutime, cstime.
            return (Long.parseLong(fields[11])
                            + Long.parseLong(fields[12])
                            + Long.parseLong(fields[13])
                            + Long.parseLong(fields[14]))
                    / TICKS;
        } catch (IOException e) {
            return 0;
        }
    }

    private static double resident(long pid) {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .sum()
                    / 1024.0;
        } catch (IOException e) {
            return 0;
        }
    }
}
