package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** From the start of the process to the first proxied answer. */
record StartRow(Upstream upstream, Supplier<Map<String, Contender>> fresh, Path folder) implements Row {
    private static final long SLOWEST = TimeUnit.SECONDS.toNanos(20);

    @Override
    public String title() {
        return "start to first proxied answer, ms";
    }

    @Override
    public String group() {
        return "start";
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
        try (var started = fresh.get().get(contender.name())) {
            if (started == null) {
                return null;
            }
            var began = System.nanoTime();
            started.start();
            while (!answers(started)) {
                if (System.nanoTime() - began > SLOWEST) {
                    throw new IOException(started.name() + " answered nothing for twenty seconds");
                }
            }
            var millis = (System.nanoTime() - began) / 1e6;
            return new Cell(millis, false, Double.NaN, Map.of());
        }
    }

    /** True where a request is answered; a proxy that has bound its port may still refuse connections or end them. */
    private boolean answers(Contender started) throws IOException {
        try (var channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", started.port()))) {
            var url = upstream.url(Upstream.Size.KIB);
            Connect.write(channel, "GET " + url + " HTTP/1.1\r\nHost: 127.0.0.1:" + upstream.port() + "\r\n\r\n");
            var reply = Connect.head(channel);
            if (!reply.contains(" 200 ")) {
                throw new ProtocolException(started.name() + " answered " + reply);
            }
            return true;
        } catch (ProtocolException e) {
            throw e;
        } catch (IOException e) {
            return false;
        }
    }
}
