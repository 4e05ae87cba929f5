package dev.portcullis.operator.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.operator.metrics.OperatorMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pods that answer well, badly, slowly and without end. */
class PodStatusReaderTest {
    private static final String GOOD = """
            {"role": "firewall", "revision": "0123456789abcdef", "problems": ["p"], "ready": true, "new": {"a": [1]},
             "killSwitches": [{"namespace": "a", "name": "stop", "revision": "3", "engaged": true, "more": 1}]}
            """;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final PodStatusReader reader = new PodStatusReader(new OperatorMetrics(meters));
    private ServerSocket socket;

    @BeforeEach
    void listen() throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        reader.close();
    }

    @Test
    void aReportIsReadAndUnknownFieldsAreNot() throws Exception {
        answer(http(GOOD.getBytes(StandardCharsets.UTF_8)));

        var report = reader.read(address());

        assertThat(report.revision()).isEqualTo("0123456789abcdef");
        assertThat(report.problems()).containsExactly("p");
        assertThat(report.killSwitches()).containsExactly(new PodReport.SwitchState("a", "stop", "3", true));
        assertThat(report.ready()).isTrue();
        assertThat(meters.counter("portcullis.operator.pod.questions", "outcome", "answered")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void aReportCutOffAnywhereIsAnErrorOrAReport() throws Exception {
        var whole = GOOD.strip().getBytes(StandardCharsets.UTF_8);
        for (var length = 0; length < whole.length; length++) {
            answer(http(java.util.Arrays.copyOf(whole, length)));
            try {
                assertThat(reader.read(address())).isEqualTo(PodReport.silent());
                assertThat(length).isZero();
            } catch (IOException expected) {
                assertThat(expected).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "1", "\"text\"", "{\"revision\": 7, \"problems\": {}, \"killSwitches\": 3}"})
    void whatIsNoReportSaysNothing(String json) throws Exception {
        answer(http(json.getBytes(StandardCharsets.UTF_8)));

        assertThat(reader.read(address()).revision()).isNull();
    }

    @Test
    void anEndlessOrNestedReplyIsAnError() throws Exception {
        answer(http(new byte[PodStatusReader.MAX_BYTES + 1]));
        assertThatThrownBy(() -> reader.read(address())).isInstanceOf(IOException.class);

        answer(http("[".repeat(100_000).getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> reader.read(address())).isInstanceOf(IOException.class);
    }

    @Test
    void aPodThatAnswersNothingOrHalfHoldsNobodyUp() {
        answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{".getBytes(StandardCharsets.UTF_8), false);
        var start = System.nanoTime();

        assertThatThrownBy(() -> reader.read(address()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("did not answer within 1000 ms");

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PodStatusReader.TIMEOUT.multipliedBy(5));
        assertThat(meters.counter("portcullis.operator.pod.questions", "outcome", "failed")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void anErrorStatusIsAnError() {
        answer("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.UTF_8), true);

        assertThatThrownBy(() -> reader.read(address())).hasMessageEndingWith("answered 503");
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/status");
    }

    private static byte[] http(byte[] body) {
        var head = ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        var whole = java.util.Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, whole, head.length, body.length);
        return whole;
    }

    private void answer(byte[] reply) {
        answer(reply, true);
    }

    private void answer(byte[] reply, boolean close) {
        Thread.ofVirtual().start(() -> {
            try {
                var connection = socket.accept();
                var request = new byte[4096];
                if (connection.getInputStream().read(request) > 0) {
                    connection.getOutputStream().write(reply);
                    connection.getOutputStream().flush();
                }
                if (close) {
                    connection.close();
                }
            } catch (IOException closed) {
                // The reader hung up, as it may.
            }
        });
    }
}
