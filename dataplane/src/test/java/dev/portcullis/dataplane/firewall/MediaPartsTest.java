package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.media.Pictures;
import dev.portcullis.dataplane.firewall.scan.coding.Coded;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Media among the parts of replies, over real sockets. */
class MediaPartsTest {
    private static final byte[] FILM = bytes("\0\0\0\u0018ftypisom\0\0\0\0isommp42");
    private static final byte[] SOUND = bytes("ID3\u0004\0\0\0\0\0\0 a sound");

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] part(String head, byte[] content) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(
                bytes("preamble\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\n" + head + "\r\n\r\n"));
        all.writeBytes(content);
        all.writeBytes(bytes("\r\n--b--\r\n"));
        return all.toByteArray();
    }

    private static Origin.Answer answer(int status, String type, byte[] body, String coding) {
        return (exchange, request) -> {
            exchange.getResponseHeaders().set("Content-Type", type);
            if (!coding.isEmpty()) {
                exchange.getResponseHeaders().set("Content-Encoding", coding);
            }
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        };
    }

    private static HttpResponse<byte[]> get(String spec, int status, String type, byte[] body, String coding)
            throws Exception {
        try (var origin = Origin.answering(answer(status, type, body, coding));
                var firewall = TestFirewall.with(spec);
                var client = firewall.client()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(origin.url("/")))
                            .header("Accept", "application/json")
                            .build(),
                    BodyHandlers.ofByteArray());
        }
    }

    private static void isRefused(HttpResponse<byte[]> reply, String rule) {
        assertThat(reply.statusCode()).as(rule).isEqualTo(403);
        assertThat(reply.headers().firstValue("X-Portcullis-Block")).contains("media");
        assertThat(new String(reply.body(), StandardCharsets.UTF_8)).contains("\"" + rule + "\"");
    }

    @ParameterizedTest
    @CsvSource({
        "206, multipart/byteranges; boundary=b, video/mp4, video",
        "206, multipart/byteranges; boundary=b, audio/mpeg, audio",
        "206, multipart/byteranges; boundary=b, image/png, image-partial",
        "200, multipart/mixed; boundary=b, video/webm, video",
        "200, multipart/x-mixed-replace; boundary=b, image/jpeg, image-unrecognised",
        "200, multipart/related; boundary=another, audio/ogg, audio",
    })
    void aPartThatSaysItIsMediaIsJudgedAsThat(int status, String type, String part, String rule) throws Exception {
        isRefused(
                get(
                        "{}",
                        status,
                        type,
                        part("Content-Type:   " + part + "\r\nContent-Range: bytes 0-9/99", bytes("0123456789")),
                        ""),
                rule);
        isRefused(get("{}", status, type, part("X-A: b\r\nContent-Type:\r\n\t" + part, bytes("0123456789")), ""), rule);
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Nothing: here", "Content-Type: application/octet-stream", "Content-Type: text/plain"})
    void aPartThatIsMediaIsJudgedWhateverItSays(String head) throws Exception {
        isRefused(get("{}", 200, "multipart/mixed; boundary=b", part(head, FILM), ""), "video");
        isRefused(get("{}", 200, "multipart/mixed; boundary=b", part(head, SOUND), ""), "audio");
        isRefused(get("{}", 200, "multipart/mixed; boundary=b", part(head, Pictures.png()), ""), "image-in-parts");
        isRefused(get("{}", 200, "multipart/mixed; boundary=b", Coded.of("gzip", part(head, FILM)), "gzip"), "video");
    }

    @Test
    void whatThePolicyAllowsPassesAsItIs() throws Exception {
        for (var body :
                new byte[][] {part("Content-Type: text/html", bytes("<p>hello")), bytes("--b\nno head at all\n--")}) {
            var reply = get("{}", 200, "multipart/mixed; boundary=b", body, "");
            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(reply.body()).isEqualTo(body);
        }
        var allowed = "{\"media\": {\"video\": \"Allow\", \"stripMetadata\": false}}";
        for (var part :
                new byte[][] {part("Content-Type: video/mp4", FILM), part("Content-Type: image/png", Pictures.png())}) {
            var reply = get(allowed, 200, "multipart/mixed; boundary=b", part, "");
            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(reply.body()).isEqualTo(part);
        }
    }
}
