package dev.portcullis.dataplane.cli;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The origin that {@link TrainingCommand} has its firewall talk to: answers a request with a document of the size and type
 * its path names, and a WebSocket's messages with themselves. On plain sockets, so that what is recorded of the firewall's
 * own code is the firewall's.
 */
final class TrainingOrigin implements AutoCloseable {
    private static final String SENTENCE =
            "An ordinary sentence of an answer, as a model gives it, without any secret. ";

    private final ServerSocket listener;

    private TrainingOrigin(ServerSocket listener) {
        this.listener = listener;
    }

    /** Listens on loopback. */
    static TrainingOrigin open() throws IOException {
        var origin = new TrainingOrigin(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        Thread.ofPlatform().daemon(true).start(origin::accept);
        return origin;
    }

    int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                var client = listener.accept();
                Thread.ofPlatform().daemon(true).start(() -> answer(client));
            }
        } catch (IOException closed) {
            // The training is over.
        }
    }

    private static void answer(Socket client) {
        try (client) {
            client.setTcpNoDelay(true);
            var in = new DataInputStream(new BufferedInputStream(client.getInputStream(), 64 * 1024));
            var out = client.getOutputStream();
            while (true) {
                var request = Head.read(in);
                if (request.key() != null) {
                    out.write(switched(request.key()));
                    echo(in, client);
                    return;
                }
                in.skipNBytes(request.length());
                out.write(document(request.path()));
                if (request.close()) {
                    return;
                }
            }
        } catch (IOException gone) {
            // The firewall closed the connection.
        }
    }

    /** Frames of up to 64 KiB, unmasked and sent back (RFC 6455 section 5.2). */
    private static void echo(DataInputStream in, Socket client) throws IOException {
        var out = new java.io.DataOutputStream(new java.io.BufferedOutputStream(client.getOutputStream()));
        while (true) {
            var first = in.readUnsignedByte();
            var second = in.readUnsignedByte();
            var length = (second & 0x7f) == 126 ? in.readUnsignedShort() : second & 0x7f;
            var mask = (second & 0x80) == 0 ? 0 : in.readInt();
            var payload = in.readNBytes(length);
            for (var i = 0; i < length; i++) {
                payload[i] ^= (byte) (mask >>> 24 - 8 * (i & 3));
            }
            out.writeByte(first);
            if (length < 126) {
                out.writeByte(length);
            } else {
                out.writeByte(126);
                out.writeShort(length);
            }
            out.write(payload);
            out.flush();
        }
    }

    private static byte[] document(String path) {
        var size = path.contains("/64k") ? 64 * 1024 : 1024;
        var page = path.contains("page");
        var text = new StringBuilder(page ? "<html><body>" : "{\"role\": \"assistant\", \"content\": \"");
        while (text.length() < size) {
            text.append(page ? "<p>" : "").append(SENTENCE).append(page ? "</p>\n" : "");
        }
        text.append(page ? "</body></html>" : "\"}");
        var type = page ? "text/html" : "application/json";
        var body = text.toString().getBytes(StandardCharsets.US_ASCII);
        var chunked = path.contains("chunked");
        var head = "HTTP/1.1 200 OK\r\nServer: origin\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: " + type
                + "\r\n"
                + (chunked
                        ? "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length) + "\r\n"
                        : "Content-Length: " + body.length + "\r\n\r\n");
        return (head + new String(body, StandardCharsets.US_ASCII) + (chunked ? "\r\n0\r\n\r\n" : ""))
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] switched(String key) {
        try {
            var accept = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(accept) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    /**
     * The head of a message, of a request or of a reply.
     *
     * @param path second word of its first line
     * @param length its body's, 0 where it does not say
     * @param key Sec-WebSocket-Key, or null
     */
    record Head(
            String path,
            int length,
            @org.jspecify.annotations.Nullable String key,
            boolean close,
            boolean chunked) {
        static Head read(java.io.InputStream in) throws IOException {
            var words = line(in).split(" ", 3);
            var length = 0;
            String key = null;
            var close = false;
            var chunked = false;
            String line;
            while (!(line = line(in)).isEmpty()) {
                var colon = line.indexOf(':');
                var value = line.substring(colon + 1).trim();
                switch (line.substring(0, Math.max(colon, 0)).toLowerCase(java.util.Locale.ROOT)) {
                    case "content-length" -> length = Integer.parseInt(value);
                    case "sec-websocket-key" -> key = value;
                    case "connection" -> close = value.equalsIgnoreCase("close");
                    case "transfer-encoding" -> chunked = value.equalsIgnoreCase("chunked");
                    default -> {}
                }
            }
            return new Head(words.length > 1 ? words[1] : "", length, key, close, chunked);
        }

        private static String line(java.io.InputStream in) throws IOException {
            var line = new StringBuilder();
            int next;
            while ((next = in.read()) != '\n') {
                if (next < 0) {
                    throw new IOException("closed");
                }
                if (next != '\r') {
                    line.append((char) next);
                }
            }
            return line.toString();
        }

        /** Reads and drops the body that this head announces. */
        void skipBody(java.io.InputStream in) throws IOException {
            if (!chunked) {
                in.skipNBytes(length);
                return;
            }
            int size;
            do {
                size = Integer.parseInt(line(in), 16);
                in.skipNBytes(size);
                line(in);
            } while (size > 0);
        }
    }
}
