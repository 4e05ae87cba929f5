package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** New tunnels, each with one small exchange inside. */
record ConnectRow(Upstream upstream, int clients, int seconds) implements Row {
    @Override
    public String title() {
        return "CONNECT and GET 1 KiB, " + clients + " clients, tunnels/s";
    }

    @Override
    public String group() {
        return "connect";
    }

    @Override
    public @Nullable Cell measure(Contender contender) throws IOException {
        var exchanges = new ConnectClients(contender, upstream.port(), Upstream.Size.KIB);
        var before = contender.cpuSeconds();
        var began = System.nanoTime();
        long done;
        try {
            done = exchanges.run(clients, seconds);
        } catch (IOException e) {
            System.err.println(contender.name() + ", " + title() + ": " + e.getMessage());
            return null;
        }
        var elapsed = (System.nanoTime() - began) / 1e9;
        var cpu = contender.cpuSeconds() - before;
        return new Cell(done / elapsed, true, contender.direct() ? Double.NaN : cpu / done * 1e6, Map.of());
    }
}
