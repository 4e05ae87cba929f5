package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is under way when a policy comes that would not let it begin is cut: by its host, or by the address it has reached. */
@Timeout(120)
class PolicyChangeTest {
    private static final String ALLOWED = "{\"network\": {\"allowedRanges\": [\"127.0.0.0/8\"]}}";
    private static final String HOST =
            "{\"network\": {\"allowedRanges\": [\"127.0.0.0/8\"]}, \"domains\": {\"block\": [\"origin.test\"]}}";
    private static final String ADDRESS = "{}";

    @ParameterizedTest
    @CsvSource({
        "FORWARD, host",
        "FORWARD, address",
        "FETCH, host",
        "FETCH, address",
        "WEBSOCKET, host",
        "WEBSOCKET, address",
        "WEBSOCKET_BY_LOCAL_ROUTE, address"
    })
    void whatTheNewPolicyDoesNotAllowIsCut(Route route, String by) throws Exception {
        try (var origin = new RawOrigin(PolicyChangeTest::beginAndWait);
                var messages = new WebSocketOrigin();
                var firewall = TestFirewall.withStandardStages(ALLOWED);
                var socket = firewall.connect()) {
            var url = "//origin.test:" + (route.webSocket() ? messages.port() : origin.port()) + "/chat";
            switch (route) {
                case FORWARD -> {
                    Wire.send(socket, "GET http:" + url + " HTTP/1.1\r\nHost: x\r\n\r\n");
                    assertThat(socket.getInputStream().read()).isEqualTo('H');
                }
                case FETCH -> {
                    Wire.send(socket, "GET /fetch?url=http:" + url + " HTTP/1.1\r\nHost: x\r\n\r\n");
                    await().until(() -> origin.open() == 1);
                }
                case WEBSOCKET -> Frames.open(socket, "http:" + url);
                default -> Frames.open(socket, "/ws?url=ws:" + url);
            }
            firewall.swapStandardStages(by.equals("host") ? HOST : ADDRESS);
            if (route.webSocket()) {
                assertThat(Frames.read(socket.getInputStream()).code()).isEqualTo(1008);
            } else {
                ends(socket);
                await().until(() -> origin.open() == 0);
            }
            await().until(() -> firewall.audit.stream()
                    .anyMatch(event -> event.event().equals("connection_cut")
                            && event.message().contains("does not allow")));
        }
    }

    private static void beginAndWait(Socket socket) throws IOException {
        Wire.send(socket, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + "begin ".repeat(20_000));
        socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    }

    private static void ends(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            assertThat(e).isNotInstanceOf(SocketTimeoutException.class);
        }
    }
}
