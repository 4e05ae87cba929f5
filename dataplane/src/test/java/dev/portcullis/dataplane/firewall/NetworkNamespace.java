package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Assumptions;

/**
 * A network of a test's own, with nothing in it but loopback, in which packets can be made to vanish. A thread is in it, and
 * every thread it starts; so are the sockets they open, whoever uses them later. Linux, root, iptables.
 */
final class NetworkNamespace {
    private static final int CLONE_NEWNET = 0x40000000;

    private static final int TOGETHER = 4;

    private final String iptables;

    private NetworkNamespace(String iptables) {
        this.iptables = iptables;
    }

    /** What happens inside. */
    @FunctionalInterface
    interface Script {
        void run(NetworkNamespace inside) throws Exception;
    }

    /** Runs {@code script} on a thread inside; where there can be no namespace the test is skipped, or fails if required. */
    static void run(Script script) throws Exception {
        var iptables = Installed.program("iptables", "iptables");
        var done = new CompletableFuture<String>();
        var thread = Thread.ofPlatform().name("namespace").start(() -> {
            try {
                if (enter() != 0) {
                    done.complete(
                            "no network namespace can be made (that takes Linux and root), so this test is skipped;"
                                    + " -Drequire.daemons=true makes that a failure");
                    return;
                }
                var inside = new NetworkNamespace(iptables);
                inside.command(Installed.program("ip", "iproute2"), "link", "set", "lo", "up");
                script.run(inside);
                done.complete("");
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        thread.join();
        var why = result(done);
        if (!why.isEmpty()) {
            if (Boolean.getBoolean("require.daemons")) {
                fail(why);
            }
            Assumptions.abort(why);
        }
    }

    private static <T> T result(CompletableFuture<T> done) throws Exception {
        try {
            return done.get();
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw (Error) e.getCause();
        }
    }

    private static int enter() throws Throwable {
        var linker = Linker.nativeLinker();
        var unshare = linker.defaultLookup().find("unshare");
        return unshare.isEmpty()
                ? -1
                : (int) linker.downcallHandle(
                                unshare.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                        .invokeExact(CLONE_NEWNET);
    }

    /** While this is open nothing gets through, in neither direction, that comes from or goes to {@code port}. */
    Blackhole blackhole(int port) throws IOException, InterruptedException {
        rules("-A", port);
        return () -> rules("-D", port);
    }

    /** Ends what it stands for. */
    @FunctionalInterface
    interface Blackhole extends AutoCloseable {
        @Override
        void close() throws IOException, InterruptedException;
    }

    private synchronized void rules(String change, int port) throws IOException, InterruptedException {
        for (var end : List.of("--sport", "--dport")) {
            command(iptables, "-w", change, "INPUT", "-p", "tcp", end, String.valueOf(port), "-j", "DROP");
        }
    }

    private void command(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    /** Does {@code one} for each of {@code all}, {@link #TOGETHER} at a time, inside; tells which failed. */
    <T> void each(List<T> all, One<T> one) throws InterruptedException {
        var left = new ConcurrentLinkedQueue<>(all);
        var failures = new ConcurrentLinkedQueue<Map.Entry<T, Throwable>>();
        var threads = new ArrayList<Thread>();
        for (var i = 0; i < TOGETHER; i++) {
            threads.add(Thread.ofPlatform().name("inside-" + i).start(() -> {
                for (var each = left.poll(); each != null; each = left.poll()) {
                    try {
                        one.run(each);
                    } catch (Throwable e) {
                        failures.add(Map.entry(each, e));
                    }
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            var first = new AssertionError(
                    failures.stream().map(Object::toString).toList().toString());
            failures.forEach(failure -> first.addSuppressed(failure.getValue()));
            throw first;
        }
    }

    /** One of several things. */
    @FunctionalInterface
    interface One<T> {
        void run(T each) throws Exception;
    }

    /** Begins {@code work} on a thread inside. */
    <T> CompletableFuture<T> begin(java.util.concurrent.Callable<T> work) {
        var done = new CompletableFuture<T>();
        Thread.ofPlatform().name("begun").start(() -> {
            try {
                done.complete(work.call());
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }
}
