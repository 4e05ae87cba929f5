package dev.portcullis.dataplane.flow.bgp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A neighbour that does what a test says, over a real socket, with its own reading and writing of messages. */
final class ScriptedPeer implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final ServerSocket server;

    ScriptedPeer() throws IOException {
        this(1 << 20);
    }

    /** A small {@code receiveBuffer} makes it noticed soon when nothing is read. */
    ScriptedPeer(int receiveBuffer) throws IOException {
        server = new ServerSocket();
        server.setReceiveBufferSize(receiveBuffer);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        server.setSoTimeout(PATIENCE_MILLIS);
    }

    int port() {
        return server.getLocalPort();
    }

    Connection accept() throws IOException {
        return new Connection(server.accept());
    }

    /** Accepts and comes to Established. */
    Connection establish(long asn) throws IOException {
        var connection = accept();
        assertThat(Wire.type(connection.read())).isEqualTo(1);
        connection.write(Wire.open(asn, 90));
        assertThat(Wire.type(connection.read())).isEqualTo(4);
        connection.write(Wire.KEEPALIVE);
        return connection;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    /** One accepted connection. */
    static final class Connection implements AutoCloseable {
        private final Socket socket;
        private final DataInputStream in;

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            socket.setSoTimeout(PATIENCE_MILLIS);
            in = new DataInputStream(socket.getInputStream());
        }

        void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        /** Writes unless the other side has closed. */
        void writeIfOpen(byte[] bytes) throws IOException {
            try {
                write(bytes);
            } catch (SocketException closed) {
                assertThat(closed).hasMessageMatching("Broken pipe|Connection reset.*");
            }
        }

        /** The next message, header included. */
        byte[] read() throws IOException {
            var header = in.readNBytes(19);
            if (header.length < 19) {
                throw new EOFException();
            }
            var length = (header[16] & 0xFF) << 8 | header[17] & 0xFF;
            var message = Arrays.copyOf(header, length);
            in.readFully(message, 19, length - 19);
            return message;
        }

        /** The bodies of the UPDATEs up to and without the first End-of-RIB. */
        List<String> readTable() throws IOException {
            var bodies = new ArrayList<String>();
            while (true) {
                var message = read();
                if (Wire.type(message) == 2) {
                    var body = Wire.body(message);
                    if (body.equals("00000000")) {
                        return bodies;
                    }
                    bodies.add(body);
                }
            }
        }

        /** The next message that is not a KEEPALIVE, as its type and the hex of its body. */
        String next() throws IOException {
            while (true) {
                var message = read();
                if (Wire.type(message) != 4) {
                    return Wire.type(message) + " " + Wire.body(message);
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
