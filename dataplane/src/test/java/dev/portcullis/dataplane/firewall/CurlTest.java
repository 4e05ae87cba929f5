package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What users do with curl, done with curl, through the proxy: the reply, and what reached the origin. */
@Timeout(120)
class CurlTest {
    private static String curl = "";
    private static Origin origin;
    private static TestFirewall firewall;

    @TempDir
    Path folder;

    private record Run(int exit, String out, String err) {}

    @BeforeAll
    static void start() throws IOException {
        curl = Installed.program("curl", "curl");
        firewall = TestFirewall.with("{\"connect\": {\"ports\": []}, \"dlp\": {\"headers\": {\"scan\": \"All\"}}}");
        origin = Origin.answering((exchange, body) -> {
            var path = exchange.getRequestURI().getPath();
            var headers = exchange.getResponseHeaders();
            switch (path) {
                case "/moved" -> {
                    headers.set("Location", "/text");
                    exchange.sendResponseHeaders(302, -1);
                }
                case "/nothing" -> exchange.sendResponseHeaders(204, -1);
                case "/same" -> {
                    headers.set("ETag", "\"one\"");
                    exchange.sendResponseHeaders(304, -1);
                }
                case "/missing" -> {
                    exchange.sendResponseHeaders(404, 7);
                    exchange.getResponseBody().write("no page".getBytes(StandardCharsets.US_ASCII));
                }
                case "/gzip" -> {
                    headers.set("Content-Type", "text/plain");
                    headers.set("Content-Encoding", "gzip");
                    var packed = gzip("packed text");
                    exchange.sendResponseHeaders(200, packed.length);
                    exchange.getResponseBody().write(packed);
                }
                case "/chunked" -> {
                    exchange.sendResponseHeaders(200, 0);
                    for (var i = 0; i < 100; i++) {
                        exchange.getResponseBody().write(("part " + i + "\n").getBytes(StandardCharsets.US_ASCII));
                        exchange.getResponseBody().flush();
                    }
                }
                case "/range" -> {
                    headers.set("Content-Range", "bytes 2-4/10");
                    exchange.sendResponseHeaders(206, 3);
                    exchange.getResponseBody().write("cde".getBytes(StandardCharsets.US_ASCII));
                }
                case "/echo" -> {
                    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                    exchange.getResponseBody().write(body);
                }
                default -> {
                    headers.set("Content-Type", "text/plain");
                    headers.add("Set-Cookie", "a=1");
                    headers.add("Set-Cookie", "b=2");
                    var bytes = "plain text".getBytes(StandardCharsets.US_ASCII);
                    var head = exchange.getRequestMethod().equals("HEAD");
                    exchange.sendResponseHeaders(200, head ? -1 : bytes.length);
                    if (!head) {
                        exchange.getResponseBody().write(bytes);
                    }
                }
            }
        });
    }

    @AfterAll
    static void stop() {
        firewall.close();
        origin.close();
    }

    private static byte[] gzip(String text) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(text.getBytes(StandardCharsets.US_ASCII));
        }
        return packed.toByteArray();
    }

    private Run curl(String... arguments) throws IOException, InterruptedException {
        origin.seen.clear();
        var command =
                new ArrayList<>(List.of(curl, "-sS", "--max-time", "30", "-x", "http://127.0.0.1:" + firewall.port()));
        command.addAll(List.of(arguments));
        var out = folder.resolve("out");
        var err = folder.resolve("err");
        var process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        process.getOutputStream().close();
        return new Run(process.waitFor(), Files.readString(out), Files.readString(err));
    }

    private static String only(Map<String, List<String>> headers, String name) {
        return headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(header -> header.getValue().getFirst())
                .findFirst()
                .orElse("");
    }

    @Test
    void aPageIsFetchedAndNothingOfTheProxyOrTheClientReachesTheOrigin() throws Exception {
        var run = curl("-i", "-H", "X-Forwarded-For: 10.0.0.1", "-H", "Via: 1.1 me", origin.url("/text"));
        assertThat(run.out())
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("Set-Cookie: a=1")
                .containsIgnoringCase("Set-Cookie: b=2")
                .endsWith("plain text");
        var seen = origin.seen.element();
        assertThat(seen.headers().keySet())
                .noneMatch(name -> name.equalsIgnoreCase("Proxy-Connection")
                        || name.equalsIgnoreCase("Via")
                        || name.equalsIgnoreCase("X-Forwarded-For"));
        assertThat(only(seen.headers(), "Host")).isEqualTo("origin.test:" + origin.port());
    }

    @Test
    void headAndTheStatusesWithoutABodyEndAtOnce() throws Exception {
        assertThat(curl("-I", origin.url("/text")).out()).startsWith("HTTP/1.1 200");
        assertThat(curl("-i", origin.url("/nothing")).out()).startsWith("HTTP/1.1 204");
        assertThat(curl("-i", origin.url("/same")).out())
                .startsWith("HTTP/1.1 304")
                .contains("\"one\"");
        assertThat(curl("-f", origin.url("/missing")).exit()).isEqualTo(22);
        assertThat(curl("-i", origin.url("/missing")).out()).endsWith("no page");
    }

    @Test
    void severalUrlsShareOneConnection() throws Exception {
        var run = curl("-v", origin.url("/text"), origin.url("/nothing"), origin.url("/chunked"), origin.url("/text"));
        assertThat(run.exit()).isZero();
        assertThat(run.err().split("Re-using existing connection", -1)).hasSize(4);
        assertThat(run.out()).contains("part 99\n").endsWith("plain text");
    }

    @Test
    void formsFilesAndMultipartArrive() throws Exception {
        assertThat(curl("-d", "a=1&b=two words", origin.url("/echo")).out()).isEqualTo("a=1&b=two words");
        assertThat(curl("-G", "--data-urlencode", "q=two words", origin.url("/text"))
                        .out())
                .isEqualTo("plain text");
        assertThat(origin.seen.element().uri()).isEqualTo("/text?q=two+words");
        var file = Files.writeString(folder.resolve("file.txt"), "line of text\n".repeat(20_000));
        assertThat(curl("-F", "file=@" + file, "-F", "name=value", origin.url("/echo"))
                        .out())
                .contains("line of text", "name=\"name\"", "filename=\"file.txt\"");
        assertThat(curl("-T", file.toString(), origin.url("/echo")).out()).isEqualTo(Files.readString(file));
        assertThat(origin.seen.element().method()).isEqualTo("PUT");
    }

    @Test
    void anUploadOfUnknownLengthGoesInChunksAndAnExpectationIsMet() throws Exception {
        var file = Files.writeString(folder.resolve("file.txt"), "line of text\n".repeat(100_000));
        var chunked = curl("-H", "Transfer-Encoding: chunked", "-T", file.toString(), origin.url("/echo"));
        assertThat(chunked.out()).hasSize(1_300_000);
        assertThat(only(origin.seen.element().headers(), "Transfer-Encoding")).isEqualTo("chunked");
        var expecting = curl(
                "-v", "-H", "Expect: 100-continue", "--expect100-timeout", "20", "-d", "@" + file, origin.url("/echo"));
        assertThat(expecting.exit()).isZero();
        assertThat(expecting.err()).contains("HTTP/1.1 100 Continue");
        assertThat(origin.seen.element().headers().keySet()).noneMatch(name -> name.equalsIgnoreCase("Expect"));
    }

    @Test
    void aRefusedUploadThatWaitsIsRefusedBeforeItIsSent() throws Exception {
        var file = Files.writeString(folder.resolve("file.txt"), "line of text\n".repeat(100_000));
        var run = curl(
                "-v",
                "-i",
                "-H",
                "Expect: 100-continue",
                "--expect100-timeout",
                "20",
                "-d",
                "@" + file,
                origin.url("/echo?" + MarkerScans.SECRET));
        assertThat(run.out()).startsWith("HTTP/1.1 403").contains("X-Portcullis-Block: dlp");
        assertThat(run.err()).doesNotContain("100 Continue");
        assertThat(origin.seen).isEmpty();
    }

    @Test
    void redirectsCompressionRangesAndOldVersionsWork() throws Exception {
        assertThat(curl("-L", origin.url("/moved")).out()).isEqualTo("plain text");
        assertThat(curl("--compressed", origin.url("/gzip")).out()).isEqualTo("packed text");
        assertThat(curl("-i", "-r", "2-4", origin.url("/range")).out())
                .startsWith("HTTP/1.1 206")
                .contains("bytes 2-4/10")
                .endsWith("cde");
        assertThat(only(origin.seen.element().headers(), "Range")).isEqualTo("bytes=2-4");
        var old = curl("-i", "--http1.0", origin.url("/chunked"));
        assertThat(old.exit()).isZero();
        assertThat(old.out()).doesNotContain("Transfer-Encoding").endsWith("part 99\n");
    }

    @Test
    void aTunnelCarriesAPlainRequest() throws Exception {
        var run = curl("-v", "-p", origin.url("/text"));
        assertThat(run.out()).isEqualTo("plain text");
        assertThat(run.err()).contains("200 Connection Established");
    }

    @Test
    void fieldsForTheProxyStayThereAndAnotherPlaceToConnectToIsTaken() throws Exception {
        var run = curl(
                "-p",
                "--proxy-header",
                "X-For-The-Proxy: yes",
                "-H",
                "X-For-The-Origin: yes",
                "--connect-to",
                "other.test:80:origin.test:" + origin.port(),
                "http://other.test/text");
        assertThat(run.out()).isEqualTo("plain text");
        var headers = origin.seen.element().headers();
        assertThat(only(headers, "X-For-The-Origin")).isEqualTo("yes");
        assertThat(only(headers, "X-For-The-Proxy")).isEmpty();
        assertThat(only(headers, "Host")).isEqualTo("other.test");
    }

    @Test
    void anInterruptedDownloadGoesOnWhereItEnded() throws Exception {
        var run = curl("-C", "2", origin.url("/range"));
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("cde");
        assertThat(only(origin.seen.element().headers(), "Range")).isEqualTo("bytes=2-");
    }

    @Test
    void whatComesBehindAChunkedBodyArrives() throws Exception {
        try (var raw = new RawOrigin(socket -> {
            var in = new java.io.BufferedReader(
                    new java.io.InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            while (!in.readLine().isEmpty()) {
                // To the end of the head.
            }
            Wire.send(
                    socket,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                            + "3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n");
        })) {
            var run = curl("-D", "-", "http://origin.test:" + raw.port() + "/");
            assertThat(run.out()).contains("abc", "X-Sum: 6");
        }
    }

    @Test
    void anAddressOfIpv6IsReached() throws Exception {
        com.sun.net.httpserver.HttpServer six;
        try {
            six = com.sun.net.httpserver.HttpServer.create(
                    new java.net.InetSocketAddress(java.net.InetAddress.getByName("::1"), 0), 0);
        } catch (IOException e) {
            org.junit.jupiter.api.Assumptions.abort("this machine has no IPv6: " + e.getMessage());
            return;
        }
        six.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 3);
            exchange.getResponseBody().write("six".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        six.start();
        try {
            var url = "http://[::1]:" + six.getAddress().getPort() + "/";
            assertThat(curl("-g", url).out()).isEqualTo("six");
            assertThat(curl("-g", "-p", url).out()).isEqualTo("six");
        } finally {
            six.stop(0);
        }
    }

    @Test
    void proxyCredentialsNeverReachTheOrigin() throws Exception {
        curl("--proxy-user", "agent:pass", "-u", "me:mine", origin.url("/text"));
        var headers = origin.seen.element().headers();
        assertThat(only(headers, "Proxy-Authorization")).isEmpty();
        assertThat(only(headers, "Authorization")).startsWith("Basic ");
    }

    @Test
    void aHostThatDoesNotExistIsABadGatewayAndABlockSaysHowToAllowIt() throws Exception {
        assertThat(curl("-i", "http://nowhere.test/").out())
                .startsWith("HTTP/1.1 502")
                .contains("nowhere.test");
        var blocked = curl("-i", "-H", "Accept: application/json", origin.url("/?" + MarkerScans.SECRET));
        assertThat(blocked.out()).startsWith("HTTP/1.1 403").contains("\"blocked\":true", "\"scanner\":\"dlp\"");
        assertThat(origin.seen).isEmpty();
    }
}
