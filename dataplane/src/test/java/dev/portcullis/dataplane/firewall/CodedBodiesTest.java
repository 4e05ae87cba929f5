package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.coding.Coded;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed bodies through the proxy: scanned as what they decode to, passed on as they are. */
class CodedBodiesTest {
    private static final long MIB = 1024 * 1024;

    private static byte[] text(String end) {
        var text = new StringBuilder();
        for (var i = 0; i < 5000; i++) {
            text.append("an ordinary line, number ").append(i * 7919L).append('\n');
        }
        return text.append(end).toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static HttpResponse<byte[]> post(HttpClient client, Origin origin, byte[] body, String... headers)
            throws Exception {
        var request = HttpRequest.newBuilder(URI.create(origin.url("/")))
                .header("Accept", "application/json")
                .POST(BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "br", "zstd"})
    void aRequestInAnyCodingReachesTheOriginAsItWasSentUnlessASecretIsInIt(String coding) throws Exception {
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.with("{}");
                var client = firewall.client()) {
            var clean = Coded.of(coding, text(""));
            assertThat(post(client, origin, clean, "Content-Encoding", coding).statusCode())
                    .isEqualTo(200);
            assertThat(origin.seen.remove().body()).isEqualTo(clean);

            var secret = Coded.of(coding, text(MarkerScans.SECRET));
            var refused = post(client, origin, secret, "Content-Encoding", coding);
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.headers().firstValue("X-Portcullis-Block")).contains("dlp");
            assertThat(origin.seen).isEmpty();
            assertThat(firewall.metric("pipelock_body_dlp_hits_total{action=\"block\"}"))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "br", "zstd"})
    void aReplyInAnyCodingIsPassedOnAsItIsUnlessAnInjectionIsInIt(String coding) throws Exception {
        for (var bad : new boolean[] {false, true}) {
            var body = Coded.of(coding, text(bad ? MarkerScans.INJECTION : ""));
            try (var origin = Origin.answering((exchange, in) -> {
                        exchange.getResponseHeaders().set("Content-Encoding", coding);
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                    });
                    var firewall = TestFirewall.with("{\"injection\": {\"action\": \"Block\"}}");
                    var client = firewall.client()) {
                var reply = post(client, origin, new byte[0]);
                assertThat(reply.statusCode()).isEqualTo(bad ? 403 : 200);
                if (!bad) {
                    assertThat(reply.body()).isEqualTo(body);
                    assertThat(reply.headers().firstValue("Content-Encoding")).contains(coding);
                }
            }
        }
    }

    @Test
    void anArchiveThatDoesNotSayItIsOneIsLookedInto() throws Exception {
        var nested = Coded.of("gzip", Coded.of("gzip", text(MarkerScans.SECRET)));
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.with("{}");
                var client = firewall.client()) {
            assertThat(post(client, origin, nested, "Content-Type", "application/octet-stream")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(origin.seen).isEmpty();
        }
    }

    @Test
    void aCodingThatNobodyCanUndoIsRefusedBothWays() throws Exception {
        try (var origin = Origin.answering((exchange, in) -> {
                    exchange.getResponseHeaders().set("Content-Encoding", "x-secret-sauce");
                    exchange.sendResponseHeaders(200, 3);
                    exchange.getResponseBody().write(new byte[3]);
                });
                var firewall = TestFirewall.with("{\"dlp\": {\"action\": \"Warn\"}}");
                var client = firewall.client()) {
            var request = post(client, origin, new byte[3], "Content-Encoding", "compress");
            assertThat(request.statusCode()).isEqualTo(403);
            assertThat(new String(request.body(), StandardCharsets.UTF_8)).contains("unknown-coding");
            assertThat(origin.seen).isEmpty();
            var response = post(client, origin, new byte[0]);
            assertThat(response.statusCode()).isEqualTo(403);
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"compression\"}"))
                    .isEqualTo(2);
            firewall.swap("{\"mode\": \"Audit\"}");
            var audited = post(client, origin, new byte[3], "Content-Encoding", "compress");
            assertThat(audited.statusCode()).isEqualTo(200);
            assertThat(audited.headers().firstValue("X-Portcullis-Would-Block")).contains("compression");
        }
    }

    @Test
    void aBombIsRefusedBeforeItIsLarge() throws Exception {
        for (var coding : new String[] {"gzip", "br", "zstd"}) {
            var bomb = Coded.of(coding, new byte[(int) (256 * MIB)]);
            try (var origin = Origin.saying("ok");
                    var firewall = TestFirewall.with("{\"limits\": {\"requestBody\": \"1Gi\"}}");
                    var client = firewall.client()) {
                var refused = post(client, origin, bomb, "Content-Encoding", coding);
                assertThat(refused.statusCode()).as(coding).isEqualTo(403);
                assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("coding-ratio");
                assertThat(origin.seen).isEmpty();
            }
        }
    }

    @Test
    void aLongCompressedDownloadPassesInFlatMemory() throws Exception {
        var random = new Random(7);
        var block = new byte[64 * 1024];
        for (var i = 0; i < block.length; i++) {
            block[i] = (byte) ('a' + random.nextInt(16));
        }
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(block);
        }
        var member = packed.toByteArray();
        var members = (int) (128 * MIB / member.length);
        try (var origin = new RawOrigin(socket -> {
                    var in = socket.getInputStream();
                    while (in.read() != '\n' || in.read() != '\r') {
                        // To the end of the head.
                    }
                    assertThat(in.read()).isEqualTo('\n');
                    socket.getOutputStream()
                            .write(
                                    ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/plain\r\nContent-Length: "
                                                    + (long) members * member.length + "\r\n\r\n")
                                            .getBytes(StandardCharsets.US_ASCII));
                    for (var i = 0; i < members; i++) {
                        socket.getOutputStream().write(member);
                    }
                });
                var firewall = TestFirewall.with(
                        "{\"injection\": {\"action\": \"Block\"}, \"limits\": {\"responseBody\": \"1Gi\"}}");
                var socket = firewall.connect()) {
            var before = memory();
            Wire.send(socket, "GET http://origin.test:" + origin.port() + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            var most = 0L;
            var read = 0L;
            var into = new byte[64 * 1024];
            while (read < (long) members * member.length) {
                var count = socket.getInputStream().read(into);
                assertThat(count).isPositive();
                read += count;
                most = Math.max(most, memory() - before);
            }
            assertThat(most).as("direct memory gained while streaming").isLessThan(24 * MIB);
        }
    }

    private static long memory() {
        return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() + PlatformDependent.usedDirectMemory();
    }

    @Test
    void anArchiveInAnUploadIsUnpackedAndOneThatCannotBeIsRefusedByTheAction() throws Exception {
        var packed = new ByteArrayOutputStream();
        try (var out = new ZipOutputStream(packed)) {
            out.putNextEntry(new ZipEntry("word/document.xml"));
            out.write(text(""));
            out.putNextEntry(new ZipEntry("word/comments.xml"));
            out.write(text(MarkerScans.SECRET));
        }
        var secret = packed.toByteArray();
        packed.reset();
        try (var out = new ZipOutputStream(packed)) {
            out.putNextEntry(new ZipEntry("word/document.xml"));
            out.write(text(""));
        }
        var clean = packed.toByteArray();
        var encrypted = clean.clone();
        encrypted[6] |= 1;
        var form = new String[] {"Content-Type", "multipart/form-data; boundary=b"};
        var part = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.docx\"\r\n\r\n";
        var inForm = new ByteArrayOutputStream();
        inForm.writeBytes(part.getBytes(StandardCharsets.US_ASCII));
        inForm.writeBytes(secret);
        inForm.writeBytes("\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII));
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.with("{}");
                var client = firewall.client()) {
            assertThat(post(client, origin, clean, "Content-Type", "application/zip")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(origin.seen.remove().body()).isEqualTo(clean);
            for (var refused : java.util.List.of(
                    post(client, origin, secret, "Content-Type", "application/zip"),
                    post(client, origin, inForm.toByteArray(), form))) {
                assertThat(refused.statusCode()).isEqualTo(403);
                assertThat(refused.headers().firstValue("X-Portcullis-Block")).contains("dlp");
            }
            var unread = post(client, origin, encrypted, "Content-Type", "application/octet-stream");
            assertThat(unread.statusCode()).isEqualTo(403);
            assertThat(unread.headers().firstValue("X-Portcullis-Block")).contains("compression");
            assertThat(new String(unread.body(), StandardCharsets.UTF_8))
                    .contains("unreadable-archive", "an entry of the ZIP archive in it is encrypted");
            assertThat(origin.seen).isEmpty();
            assertThat(firewall.metric("pipelock_scanner_hits_total{scanner=\"compression\"}"))
                    .isEqualTo(1);
        }
        try (var origin = Origin.saying("ok");
                var firewall = TestFirewall.with("{\"dlp\": {\"action\": \"Warn\"}}");
                var client = firewall.client()) {
            assertThat(post(client, origin, encrypted).statusCode()).isEqualTo(200);
            assertThat(origin.seen.remove().body()).isEqualTo(encrypted);
            assertThat(firewall.metric("portcullis_findings_total{outcome=\"warned\",scanner=\"compression\"}"))
                    .isEqualTo(1);
        }
    }
}
