package dev.portcullis.benchmarks.flow;

import dev.portcullis.benchmarks.process.ProcessTree;
import dev.portcullis.benchmarks.process.ThreadTimes;
import dev.portcullis.benchmarks.process.UdpSockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A collector that takes part, with one UDP port. Not thread-safe. */
final class Collector implements AutoCloseable {
    /** Writes a collector's configuration into its folder and says how it is started. */
    @FunctionalInterface
    interface Recipe {
        List<String> command(Path folder, int port) throws IOException;
    }

    /** Asks a collector, or reads from what it left, how many flows it has counted. */
    @FunctionalInterface
    interface Count {
        OptionalLong flows(Path folder) throws IOException;
    }

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String name;
    private final Recipe recipe;
    private final Count count;
    private final boolean countsAtItsEnd;
    private final Path folder;
    private final int port;
    private @Nullable Process process;
    private long sent;
    private long dropped;

    /**
     * A collector.
     *
     * @param countsAtItsEnd true where it only says what it counted when it ends
     * @param folder its own, for configuration and what it writes
     */
    Collector(String name, Recipe recipe, Count count, boolean countsAtItsEnd, Path folder, int port) {
        this.name = name;
        this.recipe = recipe;
        this.count = count;
        this.countsAtItsEnd = countsAtItsEnd;
        this.folder = folder;
        this.port = port;
    }

    String name() {
        return name;
    }

    /** The UDP port, on 127.0.0.1. */
    int port() {
        return port;
    }

    /** Starts it and returns once its port is bound. */
    void start() throws IOException {
        Files.createDirectories(folder);
        var log = folder.resolve("log").toFile();
        var started = new ProcessBuilder(recipe.command(folder, port))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        process = started;
        // A run that is interrupted leaves nobody behind.
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroy));
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (UdpSockets.on(port).count() == 0) {
            if (!started.isAlive() || System.nanoTime() > deadline) {
                throw new IOException(name + " did not start:\n" + Files.readString(log.toPath()));
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    private Process running() {
        var running = process;
        if (running == null || !running.isAlive()) {
            throw new IllegalStateException(name + " does not run; see " + folder.resolve("log"));
        }
        return running;
    }

    double cpuSeconds() {
        return new ProcessTree(running().toHandle()).cpuSeconds();
    }

    double residentMib() {
        return new ProcessTree(running().toHandle()).residentMib();
    }

    /** CPU of its threads by what their names begin with. */
    ThreadTimes threads(List<String> beginnings) {
        return ThreadTimes.of(running().pid(), beginnings);
    }

    /** Datagrams the kernel has dropped on its port so far. */
    long dropped() throws IOException {
        return UdpSockets.on(port).dropped();
    }

    /** Waits until it has read all that was sent to it, two seconds at most, and then a little for what it does with it. */
    void settle() throws IOException {
        var deadline = System.nanoTime() + 2_000_000_000L;
        while (UdpSockets.on(port).waiting() > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(5_000_000);
        }
        LockSupport.parkNanos(50_000_000);
    }

    /** Notes what was sent to it and what the kernel kept from it. */
    void note(long flows, long droppedFlows) {
        sent += flows;
        dropped += droppedFlows;
    }

    /** Flows sent to it in all, and what the kernel dropped of them. */
    long sent() {
        return sent;
    }

    /** Flows in the datagrams that the kernel dropped, on average of each row. */
    long droppedFlows() {
        return dropped;
    }

    /** Ends it and gives what it says to have counted, where it says. */
    OptionalLong finish() throws IOException {
        var counted = OptionalLong.empty();
        if (!countsAtItsEnd) {
            LockSupport.parkNanos(1_500_000_000L);
            counted = count.flows(folder);
        }
        close();
        return countsAtItsEnd ? count.flows(folder) : counted;
    }

    @Override
    public void close() {
        var running = process;
        process = null;
        if (running == null) {
            return;
        }
        running.destroy();
        try {
            if (!running.waitFor(15, TimeUnit.SECONDS)) {
                running.descendants().forEach(ProcessHandle::destroyForcibly);
                running.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
