package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Bulk through open tunnels: MB/s and CPU seconds a GB. */
record TunnelRow(Upstream upstream, int tunnels, int files) implements Row {
    @Override
    public String title() {
        return "tunnel download, " + tunnels + " × " + 64 * files + " MiB, MB/s (CPU: ms/GB)";
    }

    @Override
    public String group() {
        return "tunnel";
    }

    @Override
    public @Nullable Cell measure(Contender contender) throws IOException, InterruptedException {
        var bytes = new AtomicLong();
        var failure = new AtomicReference<@Nullable IOException>();
        var before = contender.cpuSeconds();
        var began = System.nanoTime();
        var threads = new ArrayList<Thread>();
        for (var i = 0; i < tunnels; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    bytes.addAndGet(download(contender));
                } catch (IOException e) {
                    failure.compareAndSet(null, e);
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
        var seconds = (System.nanoTime() - began) / 1e9;
        var cpu = contender.cpuSeconds() - before;
        return new Cell(
                bytes.get() / seconds / 1e6,
                true,
                contender.direct() ? Double.NaN : cpu / (bytes.get() / 1e9) * 1e3,
                Map.of());
    }

    private long download(Contender contender) throws IOException {
        var buffer = ByteBuffer.allocateDirect(256 * 1024);
        var total = 0L;
        try (var tunnel = Connect.open(contender, upstream.port())) {
            for (var i = 0; i < files; i++) {
                Connect.write(tunnel, "GET /" + Upstream.Size.MIB64.file() + " HTTP/1.1\r\nHost: upstream\r\n\r\n");
                Connect.head(tunnel);
                long left = Upstream.Size.MIB64.bytes();
                while (left > 0) {
                    buffer.clear().limit((int) Math.min(buffer.capacity(), left));
                    var read = tunnel.read(buffer);
                    if (read < 0) {
                        throw new IOException("closed " + left + " bytes early");
                    }
                    left -= read;
                    total += read;
                }
            }
        }
        return total;
    }
}
