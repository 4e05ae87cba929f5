package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;

/** HTTP/2 frame by frame, as a client inside an intercepted tunnel to origin.test speaks it. */
final class RawHttp2 {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RESET = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GO_AWAY = 7;

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** A frame that was read. */
    record Frame(int type, int stream, byte[] payload) {}

    private RawHttp2() {}

    /** A connection, its preface sent. */
    static SSLSocket open(TestFirewall firewall, int port) throws IOException {
        var socket =
                Intercepted.tunnel(firewall, TestCertificates.client(TestCertificates.POLICY), "origin.test", port);
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
        socket.getOutputStream().write(PREFACE);
        socket.getOutputStream().write(frame(SETTINGS, 0, 0, new byte[0]));
        return socket;
    }

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** A header block: {@code :method} GET or POST, {@code :scheme} https, {@code :path} /, the authority of the tunnel. */
    static byte[] head(boolean post, int port) {
        var authority = ("origin.test:" + port).getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(5 + authority.length)
                .put((byte) (post ? 0x83 : 0x82))
                .put((byte) 0x87)
                .put((byte) 0x84)
                .put((byte) 0x41)
                .put((byte) authority.length)
                .put(authority)
                .array();
    }

    /** The next frame. */
    static Frame read(SSLSocket socket) throws IOException {
        var head = ByteBuffer.wrap(socket.getInputStream().readNBytes(9));
        if (head.remaining() < 9) {
            throw new EOFException("the connection ended");
        }
        var length = (head.get() & 0xff) << 16 | (head.get() & 0xff) << 8 | head.get() & 0xff;
        var type = head.get();
        head.get();
        return new Frame(type, head.getInt(), socket.getInputStream().readNBytes(length));
    }

    /** Reads frames until one of {@code type}; false where the connection ends first. */
    static boolean await(SSLSocket socket, int type) {
        try {
            while (read(socket).type() != type) {
                // Something else.
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
