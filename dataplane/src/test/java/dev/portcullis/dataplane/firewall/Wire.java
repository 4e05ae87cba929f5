package dev.portcullis.dataplane.firewall;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** HTTP written and read by hand, for what no client library would send. */
final class Wire {
    private Wire() {}

    /** A response as it came over the wire; header names in lower case. */
    record Reply(int status, Map<String, String> headers, String body) {}

    static Reply exchange(Socket socket, String request) throws IOException {
        send(socket, request);
        return read(socket.getInputStream());
    }

    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /**
     * Reads a head, with the blank line behind it.
     *
     * @throws IOException where the connection ends before
     */
    static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            var next = in.read();
            if (next < 0) {
                throw new IOException("ended after '" + head + "'");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** Reads one response, framed by Content-Length, chunks or the end of the connection. */
    static Reply read(InputStream in) throws IOException {
        var status = line(in);
        var headers = new TreeMap<String, String>();
        String header;
        while (!(header = line(in)).isEmpty()) {
            var colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).trim());
        }
        var code = Integer.parseInt(status.split(" ")[1]);
        var body = new ByteArrayOutputStream();
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            int size;
            while ((size = Integer.parseInt(line(in), 16)) > 0) {
                body.writeBytes(exactly(in, size));
                line(in);
            }
            line(in);
        } else if (headers.containsKey("content-length")) {
            body.writeBytes(exactly(in, Integer.parseInt(headers.get("content-length"))));
        } else if (code >= 200 && code != 204 && code != 304 && "close".equals(headers.get("connection"))) {
            body.writeBytes(in.readAllBytes());
        }
        return new Reply(code, headers, body.toString(StandardCharsets.UTF_8));
    }

    private static byte[] exactly(InputStream in, int size) throws IOException {
        var bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new IOException("the connection ended after " + bytes.length + " of " + size + " bytes");
        }
        return bytes;
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        int next;
        while ((next = in.read()) != '\n') {
            if (next < 0) {
                throw new IOException("the connection ended after '" + line + "'");
            }
            line.append((char) next);
        }
        if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        return line.toString();
    }
}
