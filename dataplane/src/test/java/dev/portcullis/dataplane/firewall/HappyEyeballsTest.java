package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host with several addresses, some of which do not answer (RFC 8305), through the proxy. */
@Timeout(120)
class HappyEyeballsTest {
    private static final String LOOPBACK = "{\"network\": {\"allowedRanges\": [\"127.0.0.0/8\", \"::1/128\"]}}";

    private static String get(int port) {
        return "GET http://both.test:" + port + "/ HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    @Test
    void theFamilyThatRefusesIsLeftForTheOtherAtOnce() throws Exception {
        try (var origin = Origin.saying("by IPv4");
                var firewall = TestFirewall.with(LOOPBACK);
                var socket = firewall.connect()) {
            firewall.names.put("both.test", List.of(InetAddress.getByName("127.0.0.1"), InetAddress.getByName("::1")));
            assertThat(Wire.exchange(socket, get(origin.port())).body()).isEqualTo("by IPv4");
        }
    }

    @Test
    void anAddressThatNeverAnswersDoesNotHoldTheNextOneUp() throws Exception {
        // A listener whose queue is full answers no further SYN, as a dropped packet would.
        var silent = new ServerSocket();
        silent.bind(new InetSocketAddress("127.0.0.3", 0), 1);
        var filling = new ArrayList<Socket>();
        try (var origin = new ServerSocket(silent.getLocalPort(), 50, InetAddress.getByName("127.0.0.4"));
                var firewall = TestFirewall.with(LOOPBACK);
                var socket = firewall.connect()) {
            for (var i = 0; i < 8; i++) {
                var one = new Socket();
                filling.add(one);
                try {
                    one.connect(silent.getLocalSocketAddress(), 200);
                } catch (java.net.SocketTimeoutException full) {
                    break;
                }
            }
            Thread.ofVirtual().start(() -> {
                try (var accepted = origin.accept()) {
                    accepted.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond".getBytes());
                    accepted.getInputStream().readAllBytes();
                } catch (java.io.IOException e) {
                    // The test is over.
                }
            });
            firewall.names.put(
                    "both.test", List.of(InetAddress.getByName("127.0.0.3"), InetAddress.getByName("127.0.0.4")));
            socket.setSoTimeout(8_000);
            assertThat(Wire.exchange(socket, get(silent.getLocalPort())).body()).isEqualTo("second");
        } finally {
            for (var one : filling) {
                one.close();
            }
            silent.close();
        }
    }

    @Test
    void oneForbiddenAddressAmongGoodOnesIsNeverTried() throws Exception {
        try (var origin = Origin.saying("reached");
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            firewall.names.put(
                    "both.test", List.of(InetAddress.getByName("127.0.0.1"), InetAddress.getByName("127.0.0.9")));
            var refused = Wire.exchange(socket, get(origin.port()));
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.body()).contains("cloud-metadata");
            assertThat(origin.seen).isEmpty();
        }
    }
}
