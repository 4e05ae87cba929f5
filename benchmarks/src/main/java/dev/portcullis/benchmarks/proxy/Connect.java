package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A tunnel, opened by hand. */
final class Connect {
    private static final ThreadLocal<ByteBuffer> BUFFER =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(8192));

    private Connect() {}

    /**
     * Opens a tunnel through {@code contender}, or a plain connection where there is no proxy.
     *
     * @throws IOException when the proxy says anything but 200
     */
    static SocketChannel open(Contender contender, int upstream) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.INET);
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(new InetSocketAddress("127.0.0.1", contender.direct() ? upstream : contender.port()));
            if (!contender.direct()) {
                write(
                        channel,
                        "CONNECT 127.0.0.1:" + upstream + " HTTP/1.1\r\nHost: 127.0.0.1:" + upstream + "\r\n\r\n");
                var reply = reply(channel);
                if (!reply.startsWith("HTTP/1.") || !reply.startsWith(" 200", 8)) {
                    throw new IOException(contender.name() + " answered a CONNECT with " + reply);
                }
            }
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Outside the heap, so that nothing is copied on the way to the system; the calling thread's own. */
    static ByteBuffer buffer() {
        return BUFFER.get().clear();
    }

    /** Writes all of {@code text}. */
    static void write(SocketChannel channel, String text) throws IOException {
        var bytes = buffer().put(text.getBytes(StandardCharsets.US_ASCII)).flip();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Reads the reply to a CONNECT, behind which nothing comes before the client has spoken: with as few reads as it takes. */
    private static String reply(SocketChannel channel) throws IOException {
        var bytes = buffer();
        var text = "";
        while (!text.endsWith("\r\n\r\n")) {
            if (channel.read(bytes) < 0) {
                throw new IOException("closed after " + text);
            }
            text = StandardCharsets.ISO_8859_1.decode(bytes.duplicate().flip()).toString();
        }
        return text;
    }

    /** Reads a head, byte by byte at its end so that nothing of what follows is taken. */
    static String head(SocketChannel channel) throws IOException {
        var text = new StringBuilder();
        var one = ByteBuffer.allocate(1);
        while (text.length() < 4 || !text.substring(text.length() - 4).equals("\r\n\r\n")) {
            if (channel.read(one.clear()) < 0) {
                throw new IOException("closed after " + text);
            }
            text.append((char) one.get(0));
        }
        return text.toString();
    }
}
