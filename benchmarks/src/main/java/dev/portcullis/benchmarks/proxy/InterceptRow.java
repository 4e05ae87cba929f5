package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * HTTPS through proxies that look into it: each is started once more, as one that does, and warmed up for itself. CPU is
 * microseconds a request.
 *
 * @param own the contenders that intercept, by name
 * @param warmed names of those that have been warmed up
 */
record InterceptRow(
        String title,
        Upstream upstream,
        String path,
        byte[] body,
        int clients,
        boolean kept,
        int seconds,
        int warm,
        Map<String, Contender> own,
        Set<String> warmed)
        implements Row {
    @Override
    public String group() {
        return "intercept";
    }

    @Override
    public @Nullable Cell measure(Contender contender) throws IOException, InterruptedException {
        var intercepting = contender.direct() ? contender : own.get(contender.name());
        if (intercepting == null) {
            return null;
        }
        try {
            return measured(contender, intercepting);
        } catch (IOException e) {
            System.err.println(contender.name() + ", " + title + ": " + e.getMessage());
            return null;
        }
    }

    private Cell measured(Contender contender, Contender intercepting) throws IOException, InterruptedException {
        intercepting.start();
        if (!contender.direct() && warmed.add(contender.name()) && warm > 0) {
            load(intercepting, "/" + Upstream.Size.KIB.file(), new byte[0], true, Math.max(1, warm / 2));
            load(intercepting, "/" + Upstream.Size.KIB.file(), new byte[0], false, Math.max(1, warm / 4));
            load(intercepting, "/post", Upstream.Size.KIB64.text(), true, Math.max(1, warm / 4));
        }
        var before = intercepting.cpuSeconds();
        var began = System.nanoTime();
        var done = load(intercepting, path, body, kept, seconds);
        var elapsed = (System.nanoTime() - began) / 1e9;
        var cpu = intercepting.cpuSeconds() - before;
        return new Cell(done / elapsed, true, contender.direct() ? Double.NaN : cpu / done * 1e6, Map.of());
    }

    private long load(Contender contender, String path, byte[] body, boolean kept, int seconds)
            throws IOException, InterruptedException {
        return new TlsClients(contender.direct() ? 0 : contender.port(), upstream.tlsPort(), path, body, kept)
                .run(clients, seconds);
    }
}
