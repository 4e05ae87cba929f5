package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.coding.Coded;
import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users do with curl and https URLs where TLS is intercepted, over HTTP/1.1 and HTTP/2. */
@Timeout(120)
class InterceptedCurlTest {
    private static final String TEXT = "line of text\n";
    private static String curl = "";
    private static Origin origin;
    private static TestFirewall firewall;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws IOException {
        curl = Installed.program("curl", "curl");
        origin = Origin.secure(TestCertificates.origin("origin.test"), (exchange, body) -> {
            var path = exchange.getRequestURI().getPath();
            var headers = exchange.getResponseHeaders();
            headers.set("Content-Type", "text/plain");
            switch (path) {
                case "/nothing" -> exchange.sendResponseHeaders(204, -1);
                case "/same" -> exchange.sendResponseHeaders(304, -1);
                case "/chunked" -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write(TEXT.repeat(50_000).getBytes(StandardCharsets.US_ASCII));
                }
                case "/echo" -> {
                    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                    exchange.getResponseBody().write(body);
                }
                case "/gzip", "/br", "/zstd", "/deflate" -> {
                    var coding = path.substring(1);
                    headers.set("Content-Encoding", coding);
                    var plain = (exchange.getRequestURI().getQuery() == null ? TEXT : MarkerScans.INJECTION)
                            .getBytes(StandardCharsets.US_ASCII);
                    var packed = Coded.of(coding, plain);
                    exchange.sendResponseHeaders(200, packed.length);
                    exchange.getResponseBody().write(packed);
                }
                default -> {
                    var head = exchange.getRequestMethod().equals("HEAD");
                    headers.set("Content-Length", String.valueOf(TEXT.length()));
                    exchange.sendResponseHeaders(200, head ? -1 : TEXT.length());
                    if (!head) {
                        exchange.getResponseBody().write(TEXT.getBytes(StandardCharsets.US_ASCII));
                    }
                }
            }
        });
        firewall = TestFirewall.with(
                Intercepted.policy(origin.port(), "").replaceFirst("\\{", "{\"injection\": {\"action\": \"Block\"}, "));
    }

    @AfterAll
    static void stop() {
        firewall.close();
        origin.close();
    }

    private Program curl(String version, String... arguments) throws Exception {
        origin.seen.clear();
        var command = new ArrayList<>(List.of(
                curl,
                "-sS",
                "--max-time",
                "30",
                version,
                "-x",
                "http://127.0.0.1:" + firewall.port(),
                "--cacert",
                TestCertificates.file(TestCertificates.POLICY, folder).toString()));
        command.addAll(List.of(arguments));
        return Program.run(folder, "", command);
    }

    private static String url(String path) {
        return "https://origin.test:" + origin.port() + path;
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.0", "--http1.1", "--http2"})
    void pagesFormsUploadsAndRepliesWithoutABody(String version) throws Exception {
        assertThat(curl(version, url("/"), url("/")).out()).isEqualTo(TEXT + TEXT);
        assertThat(curl(version, "-I", url("/")).out())
                .contains(" 200", "ontent-")
                .doesNotContain(TEXT);
        assertThat(curl(version, "-i", url("/nothing")).out()).contains(" 204");
        assertThat(curl(version, "-i", url("/same")).out()).contains(" 304");
        assertThat(curl(version, "-d", "a=1&b=two words", url("/echo")).out()).isEqualTo("a=1&b=two words");
        var file = Files.writeString(folder.resolve("file.txt"), TEXT.repeat(80_000));
        assertThat(curl(version, "-T", file.toString(), url("/echo")).out()).isEqualTo(TEXT.repeat(80_000));
        assertThat(curl(version, "-F", "file=@" + file, url("/echo")).out()).contains(TEXT, "filename=\"file.txt\"");
        assertThat(curl(version, url("/chunked")).out()).isEqualTo(TEXT.repeat(50_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.1", "--http2"})
    void anExpectationIsMet(String version) throws Exception {
        var file = Files.writeString(folder.resolve("file.txt"), TEXT.repeat(80_000));
        var run = curl(
                version, "-H", "Expect: 100-continue", "--expect100-timeout", "20", "-d", "@" + file, url("/echo"));
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out()).hasSize((TEXT.length() - 1) * 80_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd", "deflate"})
    void compressedPagesPassAsTheyAreAndAreScannedAllTheSame(String coding) throws Exception {
        for (var version : List.of("--http1.1", "--http2")) {
            var clean = curl(version, "--compressed", "-i", url("/" + coding));
            assertThat(clean.out())
                    .containsIgnoringCase("content-encoding: " + coding)
                    .endsWith(TEXT);
            assertThat(curl(version, "--compressed", "-i", url("/" + coding + "?bad"))
                            .out())
                    .contains(" 403")
                    .doesNotContain(MarkerScans.INJECTION);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.1", "--http2"})
    void whatIsRefusedInsideIsTheReplyAndNothingReachesTheOrigin(String version) throws Exception {
        var run = curl(version, "-i", "-d", "x " + MarkerScans.SECRET, url("/echo"));
        assertThat(run.out()).contains(" 403").containsIgnoringCase("x-portcullis-block: dlp");
        assertThat(origin.seen).isEmpty();
    }
}
