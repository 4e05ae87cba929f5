package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Clients on one thread, so that they cost less than what they measure: each opens a tunnel, asks once inside it, waits for
 * the end of the answer and opens the next.
 */
final class ConnectClients {
    private final Contender contender;
    private final int leastBytes;
    private final InetSocketAddress address;
    private final ByteBuffer connect;
    private final ByteBuffer ask;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(16 << 10);

    /** Where one of them is. */
    private static final class Client {
        boolean open;
        int total;
    }

    /** Clients of {@code contender} that ask the server on port {@code upstream} of loopback for {@code size}. */
    ConnectClients(Contender contender, int upstream, Upstream.Size size) {
        this.contender = contender;
        this.leastBytes = size.bytes();
        this.address = new InetSocketAddress("127.0.0.1", contender.direct() ? upstream : contender.port());
        this.connect = bytes("CONNECT 127.0.0.1:" + upstream + " HTTP/1.1\r\nHost: 127.0.0.1:" + upstream + "\r\n\r\n");
        this.ask = bytes("GET /" + size.file() + " HTTP/1.1\r\nHost: upstream\r\nConnection: close\r\n\r\n");
    }

    private static ByteBuffer bytes(String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /**
     * Runs {@code clients} of them for {@code seconds}.
     *
     * @return how many exchanges were made
     * @throws IOException when a tunnel is refused, ends early or is silent for 30 s
     */
    long run(int clients, int seconds) throws IOException {
        var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        var done = 0L;
        try (var selector = Selector.open()) {
            for (var i = 0; i < clients; i++) {
                begin(selector);
            }
            try {
                while (System.nanoTime() < end) {
                    if (selector.select(30_000) == 0) {
                        throw new IOException("no answer for 30 s");
                    }
                    for (var key : selector.selectedKeys()) {
                        if (read((SocketChannel) key.channel(), (Client) key.attachment())) {
                            done++;
                            key.channel().close();
                            begin(selector);
                        }
                    }
                    selector.selectedKeys().clear();
                }
            } finally {
                for (var key : selector.keys()) {
                    key.channel().close();
                }
            }
        }
        return done;
    }

    /** Connects while others wait: on loopback that takes no longer than the system call. */
    private void begin(Selector selector) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.INET);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.connect(address);
        var client = new Client();
        client.open = contender.direct();
        channel.write((client.open ? ask : connect).duplicate());
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, client);
    }

    /** @return whether the exchange is over */
    private boolean read(SocketChannel channel, Client client) throws IOException {
        var read = channel.read(bytes.clear());
        if (!client.open) {
            var reply = StandardCharsets.ISO_8859_1.decode(bytes.flip()).toString();
            if (!reply.startsWith("HTTP/1.") || !reply.startsWith(" 200", 8) || !reply.endsWith("\r\n\r\n")) {
                throw new IOException(contender.name() + " answered a CONNECT with " + reply);
            }
            client.open = true;
            channel.write(ask.duplicate());
            return false;
        }
        if (read >= 0) {
            client.total += read;
            return false;
        }
        if (client.total <= leastBytes) {
            throw new IOException("only " + client.total + " bytes came through the tunnel");
        }
        return true;
    }
}
