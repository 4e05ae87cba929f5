package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Bodies of more than 2 GiB, both ways, with their length told and in chunks, through a program that has far less memory
 * than one of them: 96 MiB of heap and 48 MiB outside of it. Were they gathered anywhere, it would end.
 */
@Timeout(600)
class LongBodiesTest {
    private static final long LENGTH = (2L << 30) + 12_345;
    private static final byte[] BLOCK = new byte[128 * 1024];
    private static final String POLICY = """
            apiVersion: portcullis.dev/v1alpha1
            kind: AgentPolicy
            metadata: {name: long}
            spec:
              port: PORT
              network: {allowedRanges: ["127.0.0.0/8"]}
              connect: {ports: [], verifySni: false}
              injection: {action: Block}
              tlsInterception:
                enabled: true
                domains: ["localhost"]
                upstreamTrust: {configMapRef: {name: origins}}
              limits: {requestsPerMinutePerHost: 0, tunnelLifetime: 10m, requestBody: SCANNED, responseBody: SCANNED}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: origins}
            data:
              ca.crt: |
            """;

    @TempDir
    static Path folder;

    private static @Nullable StartedProxy started;
    private static @Nullable RawOrigin plain;
    private static @Nullable RawOrigin secure;

    @BeforeAll
    static void start() throws IOException {
        var words = "The quick brown fox jumps over the lazy dog while nobody is looking at either.\n"
                .getBytes(StandardCharsets.US_ASCII);
        for (var i = 0; i < BLOCK.length; i++) {
            BLOCK[i] = words[i % words.length];
        }
        plain = new RawOrigin(LongBodiesTest::serve);
        secure = RawOrigin.secure(TestCertificates.origin("localhost"), LongBodiesTest::serve);
        started = start(folder, "5Mi");
    }

    private static StartedProxy start(Path where, String scanned) throws IOException {
        return new StartedProxy(
                where,
                POLICY.replace("SCANNED", scanned)
                        + TestCertificates.ORIGINS.certificatePem().indent(4),
                4096,
                "-Xmx96m",
                "-XX:MaxDirectMemorySize=48m",
                "-XX:+ExitOnOutOfMemoryError");
    }

    @AfterAll
    static void stop() throws Exception {
        try (var proxy = started;
                var one = plain;
                var other = secure) {
            // Closed.
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FORWARD, down, length",
        "FORWARD, down, chunks",
        "FORWARD, up, length",
        "FORWARD, up, chunks",
        "TUNNEL, down, end",
        "TUNNEL, up, end",
        "INTERCEPTED, down, length",
        "INTERCEPTED, down, chunks",
        "INTERCEPTED, up, length",
        "INTERCEPTED, up, chunks"
    })
    void aBodyOfMoreThanTwoGigabytesPasses(Route route, String direction, String framing) throws Exception {
        passes(Objects.requireNonNull(started), route, direction, framing);
    }

    @Test
    void soDoesOneOfWhichMoreIsScannedThanThereIsMemory(@TempDir Path other) throws Exception {
        try (var proxy = start(other, "256Mi")) {
            passes(proxy, Route.FORWARD, "up", "chunks");
            passes(proxy, Route.FORWARD, "down", "length");
        }
    }

    private static void passes(StartedProxy proxy, Route route, String direction, String framing) throws Exception {
        var origin = Objects.requireNonNull(route == Route.INTERCEPTED ? secure : plain);
        try (var socket = open(route, proxy, origin)) {
            var out = new BufferedOutputStream(socket.getOutputStream(), 256 * 1024);
            var in = new BufferedInputStream(socket.getInputStream(), 256 * 1024);
            var target = (route == Route.FORWARD ? "http://127.0.0.1:" + origin.port() : "") + "/" + framing;
            var host = route == Route.INTERCEPTED ? "localhost:" + origin.port() : "x";
            var up = direction.equals("up");
            say(
                    out,
                    (up ? "PUT " : "GET ") + target + " HTTP/1.1\r\nHost: " + host + "\r\n"
                            + (!up
                                    ? ""
                                    : framing.equals("chunks")
                                            ? "Transfer-Encoding: chunked\r\n"
                                            : "Content-Length: " + LENGTH + "\r\n")
                            + "\r\n");
            if (up) {
                body(out, framing);
            }
            out.flush();
            var head = head(in);
            assertThat(head).as(proxy::log).startsWith("HTTP/1.1 200");
            if (up) {
                assertThat(line(in)).isEqualTo("got " + LENGTH);
            } else {
                assertThat(read(in, head)).isEqualTo(LENGTH);
            }
        }
        proxy.isAlive();
    }

    private static Socket open(Route route, StartedProxy proxy, RawOrigin origin) throws Exception {
        var socket = new Socket("127.0.0.1", proxy.port());
        socket.setSoTimeout(60_000);
        if (route == Route.FORWARD) {
            return socket;
        }
        var host = route == Route.INTERCEPTED ? "localhost" : "127.0.0.1";
        assertThat(Wire.exchange(
                                socket,
                                "CONNECT " + host + ":" + origin.port() + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                        .status())
                .as(proxy::log)
                .isEqualTo(200);
        return route == Route.TUNNEL
                ? socket
                : trusting(proxy.authority()).getSocketFactory().createSocket(socket, host, origin.port(), true);
    }

    private static SSLContext trusting(Path authority) throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var in = Files.newInputStream(authority)) {
            store.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** The origin: takes a PUT and says how long it was, or answers a GET with a long body. */
    private static void serve(Socket socket) throws IOException {
        var in = new BufferedInputStream(socket.getInputStream(), 256 * 1024);
        var out = new BufferedOutputStream(socket.getOutputStream(), 256 * 1024);
        var head = head(in);
        if (head.startsWith("PUT")) {
            var got = "got " + read(in, head) + "\r\n";
            say(out, "HTTP/1.1 200 OK\r\nContent-Length: " + got.length() + "\r\n\r\n" + got);
        } else {
            var framing = head.contains("/chunks") ? "chunks" : "length";
            say(
                    out,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                            + (framing.equals("chunks")
                                    ? "Transfer-Encoding: chunked\r\n\r\n"
                                    : "Content-Length: " + LENGTH + "\r\n\r\n"));
            body(out, framing);
        }
        out.flush();
    }

    private static void body(OutputStream out, String framing) throws IOException {
        var chunks = framing.equals("chunks");
        for (var left = LENGTH; left > 0; left -= BLOCK.length) {
            var size = (int) Math.min(left, BLOCK.length);
            if (chunks) {
                say(out, Integer.toHexString(size) + "\r\n");
            }
            out.write(BLOCK, 0, size);
            if (chunks) {
                say(out, "\r\n");
            }
        }
        if (chunks) {
            say(out, "0\r\n\r\n");
        }
    }

    /** Bytes of the body behind {@code head}. */
    private static long read(InputStream in, String head) throws IOException {
        if (!head.toLowerCase(java.util.Locale.ROOT).contains("transfer-encoding: chunked")) {
            in.skipNBytes(LENGTH);
            return LENGTH;
        }
        var sum = 0L;
        int size;
        while ((size = Integer.parseInt(line(in), 16)) > 0) {
            in.skipNBytes(size);
            line(in);
            sum += size;
        }
        line(in);
        return sum;
    }

    private static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        String line;
        while (!(line = line(in)).isEmpty()) {
            head.append(line).append('\n');
        }
        return head.toString();
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
        line.setLength(Math.max(0, line.length() - 1));
        return line.toString();
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
