package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Text messages of 1 KiB to a server that says them back, over some connections at a time with a few messages under way on
 * each: messages/s. Only contenders that take an upgrade of a forwarded request can do this.
 */
record WebSocketRow(int sockets, int seconds) implements Row {
    private static final int PAYLOAD = 1024;
    private static final int FROM_CLIENT = 8 + PAYLOAD;
    private static final int FROM_SERVER = 4 + PAYLOAD;
    private static final int UNDER_WAY = 8;
    private static final int MASK = 0x5a17c33d;
    private static final String KEY = "c2l4dGVlbiBieXRlIGtleQ==";

    @Override
    public String title() {
        return "WebSocket echo 1 KiB, " + sockets + " sockets, messages/s";
    }

    @Override
    public String group() {
        return "websocket";
    }

    @Override
    public @Nullable Cell measure(Contender contender) throws IOException, InterruptedException {
        try (var server = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
            Thread.ofPlatform().daemon().start(() -> serve(server));
            var port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            var done = new AtomicLong();
            var failure = new AtomicReference<@Nullable IOException>();
            var before = contender.cpuSeconds();
            var began = System.nanoTime();
            var end = began + TimeUnit.SECONDS.toNanos(seconds);
            var threads = new ArrayList<Thread>();
            for (var i = 0; i < sockets; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        talk(contender, port, end, done);
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
            var elapsed = (System.nanoTime() - began) / 1e9;
            var cpu = contender.cpuSeconds() - before;
            return new Cell(
                    done.get() / elapsed, true, contender.direct() ? Double.NaN : cpu / done.get() * 1e6, Map.of());
        }
    }

    private static void talk(Contender contender, int server, long end, AtomicLong done) throws IOException {
        try (var channel = SocketChannel.open()) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(new InetSocketAddress("127.0.0.1", contender.direct() ? server : contender.port()));
            var authority = "127.0.0.1:" + server;
            Connect.write(
                    channel,
                    "GET " + (contender.direct() ? "/" : "http://" + authority + "/") + " HTTP/1.1\r\nHost: "
                            + authority
                            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: " + KEY + "\r\n\r\n");
            var reply = Connect.head(channel);
            if (!reply.startsWith("HTTP/1.1 101")) {
                throw new IOException("answered " + reply.lines().findFirst().orElse(""));
            }
            var messages = messages();
            var answers = ByteBuffer.allocateDirect(UNDER_WAY * FROM_SERVER);
            while (System.nanoTime() < end) {
                messages.rewind();
                while (messages.hasRemaining()) {
                    channel.write(messages);
                }
                fill(channel, answers.clear());
                done.addAndGet(UNDER_WAY);
            }
        }
    }

    /** Masked text frames, each a JSON document as agents and models exchange it. */
    private static ByteBuffer messages() {
        var frames = ByteBuffer.allocateDirect(UNDER_WAY * FROM_CLIENT);
        for (var i = 0; i < UNDER_WAY; i++) {
            var text = new StringBuilder("{\"type\": \"response.delta\", \"index\": " + i + ", \"delta\": \"");
            while (text.length() < PAYLOAD - 2) {
                text.append("an ordinary sentence of a model's answer, number ")
                        .append(text.length())
                        .append(". ");
            }
            text.setLength(PAYLOAD - 2);
            var payload = text.append("\"}").toString().getBytes(StandardCharsets.US_ASCII);
            frames.put((byte) 0x81)
                    .put((byte) (0x80 | 126))
                    .putShort((short) PAYLOAD)
                    .putInt(MASK);
            for (var j = 0; j < PAYLOAD; j++) {
                frames.put((byte) (payload[j] ^ MASK >>> 24 - 8 * (j & 3)));
            }
        }
        return frames.flip();
    }

    private static void serve(ServerSocketChannel server) {
        try {
            while (true) {
                var client = server.accept();
                Thread.ofPlatform().daemon().start(() -> echo(client));
            }
        } catch (IOException e) {
            // The row is over.
        }
    }

    private static void echo(SocketChannel client) {
        try (client) {
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            Connect.head(client);
            Connect.write(
                    client,
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: " + accept() + "\r\n\r\n");
            var in = ByteBuffer.allocate(64 * FROM_CLIENT);
            var out = ByteBuffer.allocate(64 * FROM_SERVER);
            while (client.read(in) >= 0) {
                in.flip();
                out.clear();
                while (in.remaining() >= FROM_CLIENT) {
                    var mask = in.getInt(in.position() + 4);
                    in.position(in.position() + 8);
                    out.put((byte) 0x81).put((byte) 126).putShort((short) PAYLOAD);
                    for (var i = 0; i < PAYLOAD; i += 4) {
                        out.putInt(in.getInt() ^ mask);
                    }
                }
                in.compact();
                out.flip();
                while (out.hasRemaining()) {
                    client.write(out);
                }
            }
        } catch (IOException e) {
            // The client went.
        }
    }

    private static void fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IOException("closed in the middle of an answer");
            }
        }
    }

    private static String accept() {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1")
                            .digest((KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                                    .getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
