package dev.portcullis.benchmarks.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How busy the machine has been, of {@code /proc/stat} (proc(5)), and how much of that was this process and what it started.
 *
 * @param nanos when
 * @param busy CPU seconds of all processors since the machine's start, those that its host took away included
 * @param own CPU seconds of this process and its descendants, ended ones included
 */
public record Machine(long nanos, double busy, double own) {
    private static final double TICKS = 100;

    /** As it is now. */
    public static Machine now() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/stat"))) {
            var fields = lines.findFirst().orElse("").trim().split("\\s+");
            var ticks = 0L;
            for (var i = 1; i < 9; i++) {
                // user, nice, system, idle, iowait, irq, softirq, steal
                ticks += i == 4 || i == 5 ? 0 : Long.parseLong(fields[i]);
            }
            return new Machine(System.nanoTime(), ticks / TICKS, new ProcessTree(ProcessHandle.current()).cpuSeconds());
        }
    }

    /** The share of the machine, 0 to 1, that has been others' since {@code before}. */
    public double othersSince(Machine before) {
        var processors = Runtime.getRuntime().availableProcessors();
        var elapsed = (nanos - before.nanos) / 1e9;
        return Math.clamp((busy - before.busy - (own - before.own)) / (elapsed * processors), 0, 1);
    }
}
