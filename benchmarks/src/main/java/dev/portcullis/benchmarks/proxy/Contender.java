package dev.portcullis.benchmarks.proxy;

import dev.portcullis.benchmarks.process.ProcessTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A proxy that takes part. Not thread-safe. */
final class Contender implements AutoCloseable {
    /** Writes a contender's configuration into its folder and says how it is started. */
    @FunctionalInterface
    interface Recipe {
        List<String> command(Path folder, int port) throws IOException;
    }

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String name;
    private final @Nullable Recipe recipe;
    private final Path folder;
    private int port;
    private @Nullable Process process;

    /**
     * A contender.
     *
     * @param recipe null for no proxy at all: the client talks to the upstream
     * @param folder its own, for configuration and logs
     */
    Contender(String name, @Nullable Recipe recipe, Path folder) {
        this.name = name;
        this.recipe = recipe;
        this.folder = folder;
    }

    String name() {
        return name;
    }

    /** True where there is no proxy between client and upstream. */
    boolean direct() {
        return recipe == null;
    }

    /** The port it listens on, on 127.0.0.1. */
    int port() {
        return port;
    }

    /** Starts it and returns once its port accepts; does nothing where it runs. */
    void start() throws IOException {
        if (recipe == null || process != null) {
            return;
        }
        port = freePort();
        folder.toFile().mkdirs();
        var log = folder.resolve("log").toFile();
        process = new ProcessBuilder(recipe.command(folder, port))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!accepts(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IOException(name + " did not start:\n" + java.nio.file.Files.readString(log.toPath()));
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** What it has used since its start. */
    ProcessTree used() {
        var running = process;
        if (running == null) {
            throw new IllegalStateException(name + " does not run");
        }
        return new ProcessTree(running.toHandle());
    }

    /** CPU seconds since its start; 0 where there is no proxy. */
    double cpuSeconds() {
        return direct() ? 0 : used().cpuSeconds();
    }

    @Override
    public void close() {
        var running = process;
        process = null;
        if (running == null) {
            return;
        }
        running.descendants().forEach(ProcessHandle::destroy);
        running.destroy();
        try {
            if (!running.waitFor(10, TimeUnit.SECONDS)) {
                running.descendants().forEach(ProcessHandle::destroyForcibly);
                running.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** True when something listens on {@code port} of this machine. */
    static boolean accepts(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** A port that nothing listens on now. */
    static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
