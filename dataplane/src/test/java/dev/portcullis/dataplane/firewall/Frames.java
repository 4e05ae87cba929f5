package dev.portcullis.dataplane.firewall;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** WebSocket frames written and read by hand, for what no client library would send. */
final class Frames {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private Frames() {}

    /** A frame as it came. */
    record Frame(int first, byte[] payload) {
        int opcode() {
            return first & 0x0f;
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** The code of a Close frame, 0 where it has none. */
        int code() {
            return payload.length < 2 ? 0 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        }
    }

    static byte[] client(boolean last, int opcode, byte[] payload) {
        return frame((last ? 0x80 : 0) | opcode, true, payload, payload.length);
    }

    static byte[] client(int opcode, String text) {
        return client(true, opcode, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] server(int opcode, String text) {
        var payload = text.getBytes(StandardCharsets.UTF_8);
        return frame(0x80 | opcode, false, payload, payload.length);
    }

    /** A frame with any first byte, that states any length. */
    static byte[] frame(int first, boolean masked, byte[] payload, long length) {
        var out = new ByteArrayOutputStream();
        var bit = masked ? 0x80 : 0;
        out.write(first);
        if (length < 126) {
            out.write((int) length | bit);
        } else if (length < 65536) {
            out.write(126 | bit);
            out.write((int) (length >>> 8));
            out.write((int) length);
        } else {
            out.write(127 | bit);
            for (var shift = 56; shift >= 0; shift -= 8) {
                out.write((int) (length >>> shift));
            }
        }
        var mask = new byte[] {0x12, (byte) 0xa4, 0x56, 0x78};
        if (masked) {
            out.writeBytes(mask);
        }
        for (var i = 0; i < payload.length; i++) {
            out.write(masked ? payload[i] ^ mask[i & 3] : payload[i]);
        }
        return out.toByteArray();
    }

    static byte[] close(int code) {
        return client(true, CLOSE, new byte[] {(byte) (code >>> 8), (byte) code});
    }

    static Frame read(InputStream in) throws IOException {
        var first = in.read();
        var second = in.read();
        if (second < 0) {
            throw new IOException("the connection ended");
        }
        long length = second & 0x7f;
        var more = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (more > 0) {
            length = 0;
            for (var i = 0; i < more; i++) {
                length = length << 8 | in.read();
            }
        }
        return new Frame(first, in.readNBytes((int) length));
    }

    static void send(Socket socket, byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** The head of a request for a WebSocket; {@code target} in any form. */
    static String handshake(String target, String... headers) {
        var key = Base64.getEncoder().encodeToString("sixteen byte key".getBytes(StandardCharsets.US_ASCII));
        var head = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                + "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n");
        for (var header : headers) {
            head.append(header).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** The answer of an origin to the key of {@link #handshake}. */
    static String accept() {
        try {
            var key = Base64.getEncoder().encodeToString("sixteen byte key".getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1")
                            .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                                    .getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Opens a WebSocket and expects it to be switched. */
    static Wire.Reply open(Socket socket, String target, String... headers) throws IOException {
        var reply = Wire.exchange(socket, handshake(target, headers));
        if (reply.status() != 101) {
            throw new IOException("answered " + reply);
        }
        return reply;
    }
}
