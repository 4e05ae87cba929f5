package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** New tunnels, each with one small exchange inside, by workers that do nothing else. */
record ConnectRow(Upstream upstream, int workers, int seconds) implements Row {
    @Override
    public String title() {
        return "CONNECT and GET 1 KiB, " + workers + " workers, tunnels/s";
    }

    @Override
    public String group() {
        return "connect";
    }

    @Override
    public @Nullable Cell measure(Contender contender) throws IOException, InterruptedException {
        var done = new AtomicLong();
        var before = contender.cpuSeconds();
        var began = System.nanoTime();
        var end = began + TimeUnit.SECONDS.toNanos(seconds);
        var threads = new ArrayList<Thread>();
        var failure = new java.util.concurrent.atomic.AtomicReference<@Nullable IOException>();
        for (var i = 0; i < workers; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    while (System.nanoTime() < end) {
                        exchange(contender);
                        done.incrementAndGet();
                    }
                } catch (IOException | UncheckedIOException e) {
                    failure.compareAndSet(null, new IOException(e));
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        var failed = failure.get();
        if (failed != null) {
            System.err.println(contender.name() + ", " + title() + ": " + failed.getMessage());
            return null;
        }
        var elapsed = (System.nanoTime() - began) / 1e9;
        var cpu = contender.cpuSeconds() - before;
        return new Cell(done.get() / elapsed, true, contender.direct() ? Double.NaN : cpu / done.get() * 1e6, Map.of());
    }

    private void exchange(Contender contender) throws IOException {
        try (var tunnel = Connect.open(contender, upstream.port())) {
            Connect.write(
                    tunnel,
                    "GET /" + Upstream.Size.KIB.file() + " HTTP/1.1\r\nHost: upstream\r\nConnection: close\r\n\r\n");
            var bytes = Connect.buffer();
            var total = 0;
            int read;
            while ((read = tunnel.read(bytes.clear())) >= 0) {
                total += read;
            }
            if (total <= Upstream.Size.KIB.bytes()) {
                throw new IOException("only " + total + " bytes came through the tunnel");
            }
        }
    }
}
