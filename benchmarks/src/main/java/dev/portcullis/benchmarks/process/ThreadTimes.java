package dev.portcullis.benchmarks.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * CPU seconds of the threads of one process by the beginning of their names, from {@code /proc/PID/task} (proc(5)). Threads
 * that have ended are not in it.
 *
 * @param user in their own code, by name
 * @param system in the kernel, by name
 */
public record ThreadTimes(Map<String, Double> user, Map<String, Double> system) {
    private static final double TICKS = 100;

    public ThreadTimes {
        user = Map.copyOf(user);
        system = Map.copyOf(system);
    }

    /** Reads; a thread belongs to the first of {@code beginnings} its name (15 characters at most) starts with, or to none. */
    public static ThreadTimes of(long pid, Iterable<String> beginnings) {
        var user = new HashMap<String, Double>();
        var system = new HashMap<String, Double>();
        try (var tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (var task : tasks.toList()) {
                var stat = stat(task);
                var name =
                        stat.substring(stat.indexOf('(') + 1, Math.max(stat.indexOf('(') + 1, stat.lastIndexOf(')')));
                for (var beginning : beginnings) {
                    if (name.startsWith(beginning)) {
                        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                        // Fields 14 and 15 of proc(5): utime, stime.
                        user.merge(beginning, Long.parseLong(fields[11]) / TICKS, Double::sum);
                        system.merge(beginning, Long.parseLong(fields[12]) / TICKS, Double::sum);
                        break;
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ThreadTimes(user, system);
    }

    private static String stat(Path task) throws IOException {
        try {
            return Files.readString(task.resolve("stat"));
        } catch (NoSuchFileException ended) {
            return "";
        }
    }

    /** What was used since {@code before}. */
    public ThreadTimes since(ThreadTimes before) {
        return new ThreadTimes(less(user, before.user), less(system, before.system));
    }

    private static Map<String, Double> less(Map<String, Double> now, Map<String, Double> before) {
        var difference = new HashMap<>(now);
        before.forEach((name, seconds) -> difference.merge(name, -seconds, Double::sum));
        return difference;
    }
}
