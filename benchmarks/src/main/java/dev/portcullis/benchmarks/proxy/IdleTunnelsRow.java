package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Memory of open tunnels that say nothing, above what the contender holds without them. */
record IdleTunnelsRow(Upstream upstream, int tunnels) implements Row {
    @Override
    public String title() {
        return String.format("%,d idle tunnels, MiB above none", tunnels);
    }

    @Override
    public String group() {
        return "idle";
    }

    @Override
    public boolean settles() {
        return false;
    }

    @Override
    public @Nullable Cell measure(Contender contender) throws IOException {
        if (contender.direct()) {
            return null;
        }
        var before = contender.used().residentMib();
        var open = new ArrayList<SocketChannel>(tunnels);
        try {
            for (var i = 0; i < tunnels; i++) {
                var tunnel = Connect.open(contender, upstream.port());
                open.add(tunnel);
                // The beginning of a request whose end never comes.
                Connect.write(tunnel, "G");
            }
            var after = contender.used().residentMib();
            return new Cell(after - before, false, Double.NaN, Map.of("without MiB", before));
        } catch (IOException e) {
            System.err.println(
                    contender.name() + ", " + title() + ": gave up at " + open.size() + ": " + e.getMessage());
            return null;
        } finally {
            close(open);
        }
    }

    private static void close(List<SocketChannel> open) throws IOException {
        for (var channel : open) {
            channel.close();
        }
    }
}
