package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What one side of a WebSocket may send, what it may not, and the code that says so. */
@Timeout(120)
class WebSocketFramesTest {
    private static String forward(WebSocketOrigin origin) {
        return "http://origin.test:" + origin.port() + "/chat";
    }

    private static Frames.Frame read(Socket socket) throws IOException {
        return Frames.read(socket.getInputStream());
    }

    private static void text(Socket socket, String text) throws IOException {
        Frames.send(socket, Frames.client(Frames.TEXT, text));
    }

    static Stream<Arguments> brokenFrames() {
        var text = "x".getBytes(StandardCharsets.US_ASCII);
        var longControl = new byte[126];
        return Stream.of(
                Arguments.of("reserved bit 1", Frames.frame(0xc1, true, text, 1), 1002),
                Arguments.of("reserved bit 2", Frames.frame(0xa1, true, text, 1), 1002),
                Arguments.of("reserved bit 3 on a ping", Frames.frame(0x99, true, text, 1), 1002),
                Arguments.of("opcode 3", Frames.frame(0x83, true, text, 1), 1002),
                Arguments.of("opcode 11", Frames.frame(0x8b, true, text, 1), 1002),
                Arguments.of("not masked", Frames.frame(0x81, false, text, 1), 1002),
                Arguments.of("a fragmented ping", Frames.frame(0x09, true, text, 1), 1002),
                Arguments.of("a long ping", Frames.frame(0x89, true, longControl, 126), 1002),
                Arguments.of("a continuation of nothing", Frames.frame(0x80, true, text, 1), 1002),
                Arguments.of(
                        "a message inside a message",
                        join(Frames.client(false, Frames.TEXT, text), Frames.client(true, Frames.TEXT, text)),
                        1002),
                Arguments.of("a padded length", join(new byte[] {(byte) 0x81, (byte) 0xfe, 0, 5}, new byte[9]), 1002),
                Arguments.of(
                        "a length of 64 bits with the top bit",
                        join(new byte[] {(byte) 0x81, (byte) 0xff, (byte) 0x80}, new byte[7]),
                        1002),
                Arguments.of("a Close of one byte", Frames.client(true, Frames.CLOSE, new byte[] {3}), 1002),
                Arguments.of("Close 1005", Frames.close(1005), 1002),
                Arguments.of("Close 1006", Frames.close(1006), 1002),
                Arguments.of("Close 999", Frames.close(999), 1002),
                Arguments.of("Close 2999", Frames.close(2999), 1002),
                Arguments.of("Close 5000", Frames.close(5000), 1002),
                Arguments.of(
                        "a Close reason that is not UTF-8",
                        Frames.client(true, Frames.CLOSE, new byte[] {3, (byte) 0xe8, (byte) 0xc3, 0x28}),
                        1007),
                Arguments.of(
                        "text that is not UTF-8",
                        Frames.client(true, Frames.TEXT, new byte[] {(byte) 0xce, (byte) 0xba, (byte) 0xf0}),
                        1007),
                Arguments.of(
                        "a surrogate in UTF-8",
                        Frames.client(true, Frames.TEXT, new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}),
                        1007),
                Arguments.of("more than a message may have", Frames.frame(0x81, true, new byte[0], 1025), 1009),
                Arguments.of("far more", Frames.frame(0x81, true, new byte[0], Long.MAX_VALUE), 1009),
                Arguments.of(
                        "more in fragments",
                        join(
                                Frames.client(false, Frames.TEXT, new byte[1000]),
                                Frames.client(true, Frames.CONTINUATION, new byte[100])),
                        1009),
                Arguments.of("a binary message", Frames.client(true, Frames.BINARY, text), 1008));
    }

    private static byte[] join(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenFrames")
    void whatAClientMayNotSendEndsTheConnectionWithItsCode(String what, byte[] bytes, int code) throws Exception {
        for (var piece : new int[] {1, bytes.length}) {
            try (var origin = new WebSocketOrigin();
                    var firewall = TestFirewall.with("{\"webSocket\": {\"maxMessage\": \"1Ki\"}}");
                    var socket = firewall.connect()) {
                Frames.open(socket, forward(origin));
                text(socket, "before");
                assertThat(read(socket).text()).isEqualTo("before");
                for (var i = 0; i < bytes.length; i += piece) {
                    Frames.send(socket, java.util.Arrays.copyOfRange(bytes, i, Math.min(bytes.length, i + piece)));
                }
                var close = read(socket);
                assertThat(close.opcode()).isEqualTo(Frames.CLOSE);
                assertThat(close.code()).isEqualTo(code);
                assertThat(origin.seen).containsExactly("before");
                assertThat(firewall.metric("pipelock_ws_scan_hits_total{scanner=\"websocket\"}"))
                        .isEqualTo(1);
                assertThat(firewall.metric("pipelock_ws_connections_total{result=\"blocked\"}"))
                        .isEqualTo(1);
                await().untilAsserted(() -> assertThat(origin.closeCodes).containsExactly(code));
            }
        }
    }

    static Stream<byte[]> closes() {
        return Stream.of(
                Frames.client(true, Frames.CLOSE, new byte[0]),
                Frames.close(1000),
                Frames.close(1001),
                Frames.close(1011),
                Frames.close(1014),
                Frames.close(3000),
                Frames.close(4999));
    }

    @ParameterizedTest
    @MethodSource("closes")
    void aCloseThatMayBeSentIsPassedOnAndAnswered(byte[] close) throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Frames.open(socket, forward(origin));
            Frames.send(socket, close);
            assertThat(read(socket).opcode()).isEqualTo(Frames.CLOSE);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            await().untilAsserted(
                            () -> assertThat(firewall.metric("pipelock_ws_connections_total{result=\"completed\"}"))
                                    .isEqualTo(1));
        }
    }

    @Test
    void framesOfAnyLengthPassUnchanged() throws Exception {
        try (var origin = new WebSocketOrigin();
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            Frames.open(socket, forward(origin));
            for (var length : new int[] {0, 1, 125, 126, 127, 128, 65535, 65536, 1_000_000, 1024 * 1024}) {
                var text = "é".repeat(length / 2) + "x".repeat(length % 2);
                text(socket, text);
                assertThat(read(socket).text()).isEqualTo(text);
            }
        }
    }
}
