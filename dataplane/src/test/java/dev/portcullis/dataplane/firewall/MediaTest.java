package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.dataplane.firewall.media.Pictures;
import dev.portcullis.dataplane.firewall.scan.coding.Coded;
import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The media policy over real sockets, on every way that a body comes back. */
class MediaTest {
    private static final byte[] FILM = "\0\0\0\40ftypisom\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

    private static Origin.Answer answer(String type, byte[] body, String... headers) {
        return (exchange, in) -> {
            var sent = exchange.getResponseHeaders();
            if (!type.isEmpty()) {
                sent.set("Content-Type", type);
            }
            sent.set("ETag", "\"one\"");
            sent.set("Accept-Ranges", "bytes");
            var status = 200;
            var length = (long) body.length;
            for (var i = 0; i < headers.length; i += 2) {
                switch (headers[i]) {
                    case ":status" -> status = Integer.parseInt(headers[i + 1]);
                    case ":length" -> length = Long.parseLong(headers[i + 1]);
                    default -> sent.set(headers[i], headers[i + 1]);
                }
            }
            exchange.sendResponseHeaders(status, length);
            exchange.getResponseBody().write(body);
        };
    }

    private static HttpResponse<byte[]> get(TestFirewall firewall, Origin origin) throws Exception {
        try (var client = firewall.client()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(origin.url("/")))
                            .header("Accept", "application/json")
                            .build(),
                    BodyHandlers.ofByteArray());
        }
    }

    private static void isRefused(HttpResponse<byte[]> reply, String rule) throws IOException {
        assertThat(reply.statusCode()).as(rule).isEqualTo(403);
        assertThat(reply.headers().firstValue("X-Portcullis-Block")).contains("media");
        assertThat(new ObjectMapper().readTree(reply.body()).get("rule").asText())
                .isEqualTo(rule);
    }

    private static byte[] picture(String format) {
        return switch (format) {
            case "png" -> Pictures.png();
            case "jpeg" -> Pictures.jpeg();
            case "gif" -> Pictures.gif();
            default -> Pictures.webp();
        };
    }

    private static void isStripped(byte[] body, String format) {
        assertThat(new String(body, StandardCharsets.ISO_8859_1)).doesNotContain("GPS");
        assertThat(body).hasSizeGreaterThan(100);
        if (!format.equals("webp")) {
            assertThat(Pictures.pixels(body)).isEqualTo(Pictures.pixels(picture(format)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "gif", "webp"})
    void anImageComesBackWithoutItsMetadata(String format) throws Exception {
        try (var origin = Origin.answering(answer(
                        "image/" + format, picture(format), "Content-MD5", "abc", "Repr-Digest", "sha-256=:x:"));
                var firewall = TestFirewall.with("{}")) {
            var reply = get(firewall, origin);
            assertThat(reply.statusCode()).isEqualTo(200);
            isStripped(reply.body(), format);
            assertThat(reply.headers().map())
                    .doesNotContainKeys("etag", "content-md5", "repr-digest", "content-length");
            assertThat(reply.headers().firstValue("accept-ranges")).contains("none");
            assertThat(firewall.metric("portcullis_bodies_rewritten_total{rewrite=\"metadata\"}"))
                    .isEqualTo(1);
            assertThat(firewall.metric("pipelock_requests_total{result=\"allowed\"}"))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd", "deflate"})
    void aCompressedImageIsDecodedAndLosesItsMetadata(String coding) throws Exception {
        try (var origin = Origin.answering(
                        answer("image/png", Coded.of(coding, Pictures.png()), "Content-Encoding", coding));
                var firewall = TestFirewall.with("{}")) {
            var reply = get(firewall, origin);
            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(reply.headers().map()).doesNotContainKey("content-encoding");
            isStripped(reply.body(), "png");
        }
    }

    @Test
    void anImageCompressedUnderAnotherTypeIsRefusedAndSoIsAFilm() throws Exception {
        try (var firewall = TestFirewall.with("{}")) {
            try (var origin = Origin.answering(
                    answer("text/html", Coded.of("gzip", Pictures.png()), "Content-Encoding", "gzip"))) {
                isRefused(get(firewall, origin), "image-hidden");
            }
            try (var origin =
                    Origin.answering(answer("text/html", Coded.of("gzip", FILM), "Content-Encoding", "gzip"))) {
                isRefused(get(firewall, origin), "video");
            }
            firewall.swap("{\"media\": {\"stripMetadata\": false}}");
            var body = Coded.of("gzip", Pictures.png());
            try (var origin = Origin.answering(answer("text/html", body, "Content-Encoding", "gzip"))) {
                assertThat(get(firewall, origin).body()).isEqualTo(body);
            }
            try (var origin = Origin.answering(answer("image/png", body, "Content-Encoding", "gzip"))) {
                assertThat(get(firewall, origin).body()).isEqualTo(body);
            }
            var page = Coded.of("gzip", "<html>a page</html>".getBytes(StandardCharsets.UTF_8));
            try (var origin = Origin.answering(answer("text/html", page, "Content-Encoding", "gzip"))) {
                assertThat(get(firewall, origin).body()).isEqualTo(page);
            }
        }
    }

    @Test
    void stripMetadataFalseLetsImagesPassAsTheyAreEvenInParts() throws Exception {
        try (var firewall = TestFirewall.with("{\"media\": {\"stripMetadata\": false}}")) {
            try (var origin = Origin.answering(answer("image/png", Pictures.png()))) {
                var reply = get(firewall, origin);
                assertThat(reply.body()).isEqualTo(Pictures.png());
                assertThat(reply.headers().firstValue("etag")).contains("\"one\"");
                assertThat(reply.headers().firstValueAsLong("content-length")).hasValue(Pictures.png().length);
            }
            try (var origin = Origin.answering(answer("image/png", new byte[] {1, 2}, ":status", "206"))) {
                assertThat(get(firewall, origin).statusCode()).isEqualTo(206);
            }
            firewall.swap("{}");
            try (var origin = Origin.answering(answer("image/png", new byte[] {1, 2}, ":status", "206"))) {
                isRefused(get(firewall, origin), "image-partial");
            }
        }
        assertThat(TestFirewall.config("{}", null).spec().media().stripMetadata())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"audio, audio/mpeg, ID3", "video, video/mp4, x", "video, '', OggStheora"})
    void audioAndVideoAreRefusedReportedOrAllowed(String field, String type, String begin) throws Exception {
        var body = begin.equals("OggStheora") ? FILM : begin.getBytes(StandardCharsets.ISO_8859_1);
        try (var origin = Origin.answering(answer(type, body));
                var firewall = TestFirewall.with("{}")) {
            isRefused(get(firewall, origin), field);
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"media\"}"))
                    .isEqualTo(1);
            assertThat(firewall.audit)
                    .anyMatch(event -> event.event().equals("blocked") && field.equals(event.field("rule")));

            firewall.swap("{\"media\": {\"" + field + "\": \"Warn\"}}");
            assertThat(get(firewall, origin).body()).isEqualTo(body);
            assertThat(firewall.metric("portcullis_findings_total{outcome=\"warned\",scanner=\"media\"}"))
                    .isEqualTo(1);

            firewall.swap("{\"media\": {\"" + field + "\": \"Allow\"}}");
            assertThat(get(firewall, origin).body()).isEqualTo(body);
            assertThat(firewall.metric("portcullis_findings_total{outcome=\"warned\",scanner=\"media\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void onlyTheFormatsOfThePolicyComeBack() throws Exception {
        var svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".getBytes(StandardCharsets.UTF_8);
        try (var firewall = TestFirewall.with("{\"media\": {\"images\": [\"png\", \"svg\"]}}")) {
            try (var origin = Origin.answering(answer("image/png", Pictures.png()))) {
                assertThat(get(firewall, origin).statusCode()).isEqualTo(200);
            }
            try (var origin = Origin.answering(answer("image/png", Pictures.gif()))) {
                var reply = get(firewall, origin);
                isRefused(reply, "image-format");
                assertThat(new ObjectMapper().readTree(reply.body()).get("hint").asText())
                        .isEqualTo("spec.media.images: [png, gif, svg]");
            }
            try (var origin = Origin.answering(answer("image/svg+xml", svg))) {
                assertThat(get(firewall, origin).body()).isEqualTo(svg);
                firewall.swap("{}");
                isRefused(get(firewall, origin), "image-format");
            }
        }
    }

    @Test
    void anAllowedSvgImageIsScannedAsText() throws Exception {
        var svg = ("<svg><text>" + MarkerScans.INJECTION + "</text></svg>").getBytes(StandardCharsets.UTF_8);
        try (var origin = Origin.answering(answer("image/svg+xml", svg));
                var firewall = TestFirewall.with(
                        "{\"media\": {\"images\": [\"svg\"]}, \"injection\": {\"action\": \"Block\"}}")) {
            var reply = get(firewall, origin);
            assertThat(reply.statusCode()).isEqualTo(403);
            assertThat(reply.headers().firstValue("X-Portcullis-Block")).contains("prompt_injection");
        }
    }

    @Test
    void anImageThatIsTooLongIsRefusedWhenItSaysSoAndCutWhenItDoesNot() throws Exception {
        var large = new byte[200_000];
        System.arraycopy(Pictures.plain("png"), 0, large, 0, 33);
        large[33] = 0;
        large[34] = 3;
        System.arraycopy("IDAT".getBytes(StandardCharsets.US_ASCII), 0, large, 37, 4);
        try (var firewall = TestFirewall.with("{\"media\": {\"maxImage\": \"100Ki\"}}")) {
            try (var origin = Origin.answering(answer("image/png", large))) {
                isRefused(get(firewall, origin), "image-size");
            }
            try (var origin = Origin.answering(answer("image/png", large, ":length", "0"))) {
                assertThatThrownBy(() -> get(firewall, origin)).isInstanceOf(IOException.class);
                assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"media\"}"))
                        .isEqualTo(2);
            }
        }
    }

    @Test
    void aDamagedImageIsRefused() throws Exception {
        var png = Pictures.png();
        var half = java.util.Arrays.copyOf(png, png.length / 3);
        try (var origin = Origin.answering(answer("image/png", half));
                var firewall = TestFirewall.with("{}")) {
            isRefused(get(firewall, origin), "image-malformed");
        }
    }

    @Test
    void modeAuditChangesNothingAndSaysWhatItWouldHaveRefused() throws Exception {
        try (var firewall = TestFirewall.with("{\"mode\": \"Audit\"}")) {
            try (var origin = Origin.answering(answer("video/mp4", FILM))) {
                var reply = get(firewall, origin);
                assertThat(reply.body()).isEqualTo(FILM);
                assertThat(reply.headers().firstValue("X-Portcullis-Would-Block"))
                        .contains("media");
            }
            try (var origin = Origin.answering(answer("image/jpeg", Pictures.jpeg()))) {
                assertThat(get(firewall, origin).body()).isEqualTo(Pictures.jpeg());
            }
        }
    }

    @Test
    void aClientOfHttp10GetsTheStrippedImageToTheEndOfTheConnection() throws Exception {
        try (var origin = Origin.answering(answer("image/gif", Pictures.gif()));
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Wire.send(socket, "GET " + origin.url("/") + " HTTP/1.0\r\nHost: origin.test\r\n\r\n");
            var all = socket.getInputStream().readAllBytes();
            var text = new String(all, StandardCharsets.ISO_8859_1);
            var body = text.indexOf("\r\n\r\n") + 4;
            assertThat(text.substring(0, body).toLowerCase(java.util.Locale.ROOT))
                    .doesNotContain("content-length", "transfer-encoding");
            isStripped(java.util.Arrays.copyOfRange(all, body, all.length), "gif");
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void thePolicyHoldsInsideInterceptedTunnels(HttpClient.Version version) throws Exception {
        var tls = TestCertificates.origin("origin.test");
        try (var origin = Origin.secure(tls, answer("image/jpeg", Pictures.jpeg()));
                var film = Origin.secure(tls, answer("video/webm", FILM));
                var firewall = TestFirewall.with(Intercepted.policy(origin.port(), ""));
                var client = firewall.tlsClient(version)) {
            var reply = client.send(request(origin.port()), BodyHandlers.ofByteArray());
            assertThat(reply.version()).isEqualTo(version);
            assertThat(reply.statusCode()).isEqualTo(200);
            isStripped(reply.body(), "jpeg");

            firewall.swap(Intercepted.policy(film.port(), ""));
            isRefused(client.send(request(film.port()), BodyHandlers.ofByteArray()), "video");
            assertThat(firewall.metric("pipelock_tls_response_blocked_total{reason=\"media_policy\"}"))
                    .isEqualTo(1);
        }
    }

    private static HttpRequest request(int port) {
        return HttpRequest.newBuilder(URI.create("https://origin.test:" + port + "/"))
                .header("Accept", "application/json")
                .build();
    }

    @Test
    void thePolicyHoldsBehindReverseProxies() throws Exception {
        try (var origin = Origin.answering((exchange, body) -> {
                    var film = exchange.getRequestURI().getPath().equals("/film");
                    answer(film ? "video/mp4" : "image/png", film ? FILM : Pictures.png())
                            .to(exchange, body);
                });
                var firewall = TestFirewall.withReverseProxy("http://127.0.0.1:" + origin.port(), "");
                var socket = firewall.connectToReverseProxy()) {
            var picture = Wire.exchange(socket, "GET /picture HTTP/1.1\r\nHost: tools\r\n\r\n");
            assertThat(picture.status()).isEqualTo(200);
            assertThat(picture.body()).contains("IHDR").doesNotContain("GPS");
            var film = Wire.exchange(socket, "GET /film HTTP/1.1\r\nHost: tools\r\nAccept: application/json\r\n\r\n");
            assertThat(film.status()).isEqualTo(403);
            assertThat(film.body()).contains("\"direction\":\"response\"");
            assertThat(
                            firewall.metric(
                                    "pipelock_reverse_proxy_scan_blocked_total{direction=\"response\",reason=\"media_policy\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void thePolicyHoldsForFetches() throws Exception {
        try (var origin = Origin.answering(answer("text/html", FILM));
                var image = Origin.answering(answer("image/png", Pictures.png()));
                var firewall = TestFirewall.with("{}")) {
            assertThat(fetch(firewall, origin)).contains("\"blocked\":true").contains("\"scanner\":\"media\"");
            assertThat(fetch(firewall, image)).contains("\"blocked\":false").contains("the content is not text");
            firewall.swap("{\"media\": {\"images\": []}}");
            assertThat(fetch(firewall, image)).contains("\"rule\":\"image-format\"");
        }
    }

    private static String fetch(TestFirewall firewall, Origin origin) throws IOException {
        try (var socket = firewall.connect()) {
            return Wire.exchange(
                            socket,
                            "GET /fetch?url=" + origin.url("/") + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    .body();
        }
    }

    @Test
    void anImageOfManyMegabytesFlowsInConstantMemory() throws Exception {
        var pieces = 40 * 16;
        try (var origin = Origin.answering((exchange, in) -> {
                    exchange.getResponseHeaders().set("Content-Type", "image/png");
                    exchange.sendResponseHeaders(200, 0);
                    var out = exchange.getResponseBody();
                    var plain = Pictures.plain("png");
                    out.write(plain, 0, 33);
                    var chunk = new byte[65_536 + 12];
                    chunk[1] = 1;
                    System.arraycopy("IDAT".getBytes(StandardCharsets.US_ASCII), 0, chunk, 4, 4);
                    for (var i = 0; i < pieces; i++) {
                        out.write(chunk);
                    }
                    out.write(plain, plain.length - 12, 12);
                });
                var firewall = TestFirewall.with("{\"media\": {\"maxImage\": \"100Mi\"}}")) {
            var reply = get(firewall, origin);
            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(reply.body()).hasSize(33 + pieces * (65_536 + 12) + 12);
        }
    }
}
