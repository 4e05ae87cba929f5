package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** From the start of the process to the first proxied answer. */
record StartRow(Upstream upstream, Supplier<Map<String, Contender>> fresh, Path folder) implements Row {
    @Override
    public String title() {
        return "start to first proxied answer, ms";
    }

    @Override
    public String group() {
        return "start";
    }

    @Override
    public @Nullable Cell measure(Contender contender) throws IOException {
        if (contender.direct()) {
            return null;
        }
        try (var started = fresh.get().get(contender.name())) {
            if (started == null) {
                return null;
            }
            var began = System.nanoTime();
            started.start();
            try (var channel =
                    java.nio.channels.SocketChannel.open(new java.net.InetSocketAddress("127.0.0.1", started.port()))) {
                var url = upstream.url(Upstream.Size.KIB);
                Connect.write(channel, "GET " + url + " HTTP/1.1\r\nHost: 127.0.0.1:" + upstream.port() + "\r\n\r\n");
                var reply = Connect.head(channel);
                if (!reply.contains(" 200 ")) {
                    throw new IOException(started.name() + " answered " + reply);
                }
            }
            var millis = (System.nanoTime() - began) / 1e6;
            return new Cell(millis, false, Double.NaN, Map.of());
        }
    }
}
