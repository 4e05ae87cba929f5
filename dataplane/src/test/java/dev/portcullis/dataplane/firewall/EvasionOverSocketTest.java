package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.evasion.Sample;
import dev.portcullis.dataplane.firewall.scan.evasion.Secrets;
import dev.portcullis.dataplane.firewall.scan.evasion.Transformation;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The evasion corpus through the proxy: a sample of every transformation, and all of those that the transport undoes. */
class EvasionOverSocketTest {
    private static final Set<Transformation> OF_THE_TRANSPORT = Set.of(
            Transformation.ZIP,
            Transformation.GZIP,
            Transformation.GZIP_WITHOUT_LABEL,
            Transformation.GZIP_IN_GZIP,
            Transformation.GZIP_IN_GZIP_IN_GZIP,
            Transformation.GZIP_LABELLED_TWICE,
            Transformation.UNKNOWN_CODING,
            Transformation.BROKEN_GZIP);

    @Test
    void nothingOfTheCorpusReachesTheOrigin() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall =
                        TestFirewall.withStandardStages("{\"network\": {\"allowedRanges\": [\"127.0.0.0/8\"]}}")) {
            var missed = new ArrayList<String>();
            var expected = 0;
            for (var transformation : Transformation.values()) {
                var secrets = List.copyOf(Secrets.ALL.values());
                var sample = OF_THE_TRANSPORT.contains(transformation)
                        ? secrets
                        : List.of(secrets.get(transformation.ordinal() % secrets.size()));
                for (var secret : sample) {
                    expected++;
                    var reply = send(firewall, origin, transformation.of(secret));
                    var scanner = reply.headers().getOrDefault("x-portcullis-block", "");
                    // A proxy may not be asked for a URL with user information in it at all (RFC 9110 section 4.2.4).
                    var right = transformation == Transformation.USER_INFORMATION
                            ? scanner.equals("parser")
                            : transformation.refusedBy().isEmpty()
                                    ? scanner.endsWith("dlp")
                                    : scanner.equals(transformation.refusedBy());
                    if (!right || reply.body().contains(secret)) {
                        missed.add(transformation + " " + reply.status() + " " + scanner);
                    }
                }
            }
            assertThat(new HashSet<>(missed)).isEmpty();
            assertThat(origin.seen).isEmpty();
            assertThat(expected).isGreaterThanOrEqualTo(200);
            assertThat(firewall.metric("pipelock_requests_total{result=\"blocked\"}"))
                    .isEqualTo(expected);
        }
    }

    private static Wire.Reply send(TestFirewall firewall, Origin origin, Sample sample) throws IOException {
        var url = URI.create("http://origin.test/").resolve("/");
        var target = sample.url().replace("origin.test/", "origin.test:" + origin.port() + url.getPath());
        var head = new StringBuilder(sample.hasBody() ? "POST " : "GET ")
                .append(target)
                .append(" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        sample.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        if (!sample.contentType().isEmpty()) {
            head.append("Content-Type: ").append(sample.contentType()).append("\r\n");
        }
        if (!sample.coding().isEmpty()) {
            head.append("Content-Encoding: ").append(sample.coding()).append("\r\n");
        }
        if (sample.hasBody()) {
            head.append("Transfer-Encoding: chunked\r\n");
        }
        try (var socket = firewall.connect()) {
            Wire.send(socket, head.append("\r\n").toString());
            if (sample.hasBody()) {
                chunks(socket, sample.parts());
            }
            return Wire.read(socket.getInputStream());
        }
    }

    private static void chunks(Socket socket, List<byte[]> parts) {
        try {
            var out = socket.getOutputStream();
            for (var part : parts) {
                out.write((Integer.toHexString(part.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                out.write(part);
                out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        } catch (IOException e) {
            // Refused before the body was complete: the reply is there to be read.
        }
    }
}
