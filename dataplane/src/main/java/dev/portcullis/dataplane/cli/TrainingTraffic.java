package dev.portcullis.dataplane.cli;

import dev.portcullis.dataplane.cli.TrainingOrigin.Head;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What agents send through a firewall, in small: kept-alive requests with and without bodies, several connections at once,
 * tunnels, WebSockets, a refusal. {@link TrainingCommand} repeats it.
 */
final class TrainingTraffic {
    private static final int CONNECTIONS = 4;
    private static final int MASK = 0x1f2e3d4c;

    private final int proxy;
    private final String authority;
    private final List<byte[]> requests = new ArrayList<>();
    private final byte[] message;

    /**
     * Traffic.
     *
     * @param proxy port of the firewall
     * @param origin port of the {@link TrainingOrigin}
     */
    TrainingTraffic(int proxy, int origin) {
        this.proxy = proxy;
        this.authority = "127.0.0.1:" + origin;
        var turn = "{\"role\":\"user\",\"content\":\"Summarise the build log, and name the test that fails first.\"},";
        for (var i = 0; i < 8; i++) {
            requests.add(get("/1k/json?model=small&page=" + i));
        }
        requests.add(get("/1k/page"));
        requests.add(get("/1k/json-chunked"));
        requests.add(get("/64k/json"));
        requests.add(get("/64k/page"));
        for (var i = 0; i < 4; i++) {
            requests.add(post("[" + turn.repeat(10) + "{}]"));
        }
        requests.add(post("[" + turn.repeat(700) + "{}]"));
        message = message(("{\"type\":\"delta\",\"messages\":[" + turn.repeat(9) + "{}]}"));
    }

    /** All of it once. */
    void round() throws IOException {
        var open = new ArrayList<Peer>();
        try {
            for (var i = 0; i < CONNECTIONS; i++) {
                open.add(new Peer());
            }
            for (var request : requests) {
                for (var peer : open) {
                    peer.write(request);
                }
                for (var peer : open) {
                    peer.reply();
                }
            }
        } finally {
            for (var peer : open) {
                peer.close();
            }
        }
        for (var i = 0; i < 50; i++) {
            tunnel();
        }
        webSocket();
        refusal();
    }

    /** What people and Prometheus look at. */
    void pages() throws IOException {
        try (var peer = new Peer()) {
            for (var path : List.of("/metrics", "/stats", "/health")) {
                peer.write(ascii("GET " + path + " HTTP/1.1\r\nHost: proxy\r\n\r\n"));
                peer.reply();
            }
        }
    }

    private void tunnel() throws IOException {
        try (var peer = new Peer()) {
            peer.write(ascii("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n"));
            peer.reply();
            peer.write(ascii("GET /1k/json HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n"));
            peer.rest();
        }
    }

    private void webSocket() throws IOException {
        try (var peer = new Peer()) {
            peer.write(ascii("GET http://" + authority + "/chat HTTP/1.1\r\nHost: " + authority
                    + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
            peer.reply();
            for (var i = 0; i < 100; i++) {
                peer.write(message);
                peer.frame();
            }
        }
    }

    private void refusal() throws IOException {
        try (var peer = new Peer()) {
            peer.write(get("/1k/json?key=AKIA" + "Q7ZD".repeat(4)));
            peer.reply();
        }
    }

    private byte[] get(String path) {
        return ascii("GET " + head(path) + "\r\n");
    }

    private byte[] post(String body) {
        return ascii("POST " + head("/1k/json") + "Content-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
    }

    private String head(String path) {
        return "http://" + authority + path + " HTTP/1.1\r\nHost: " + authority
                + "\r\nUser-Agent: training/1.0\r\nAccept: */*\r\nAuthorization: Bearer training\r\n";
    }

    /** A masked text frame (RFC 6455 section 5.2) of 126 bytes to 64 KiB. */
    private static byte[] message(String text) {
        var frame = new ByteArrayOutputStream();
        var payload = ascii(text);
        frame.writeBytes(new byte[] {
            (byte) 0x81,
            (byte) (0x80 | 126),
            (byte) (payload.length >> 8),
            (byte) payload.length,
            (byte) (MASK >>> 24),
            (byte) (MASK >>> 16),
            (byte) (MASK >>> 8),
            (byte) MASK
        });
        for (var i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ MASK >>> 24 - 8 * (i & 3));
        }
        return frame.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A client's connection to the firewall. */
    private final class Peer implements AutoCloseable {
        private final Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy);
        private final DataInputStream in;

        Peer() throws IOException {
            socket.setTcpNoDelay(true);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
        }

        void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        void reply() throws IOException {
            Head.read(in).skipBody(in);
        }

        void frame() throws IOException {
            in.readUnsignedByte();
            var length = in.readUnsignedByte();
            in.skipNBytes(length == 126 ? in.readUnsignedShort() : length);
        }

        void rest() throws IOException {
            in.readAllBytes();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
