package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How far a request may go that says so (RFC 9110 section 7.6.2). */
class MaxForwardsTest {
    private static String request(String method, String target, String fields) {
        return method + " " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
    }

    @ParameterizedTest
    @CsvSource({
        "OPTIONS, 1, 0",
        "TRACE, 007, 6",
        "OPTIONS, 99999999999999999999999999, 9223372036854775806",
        "GET, 0, 0",
        "POST, x, x"
    })
    void theNextHopIsToldOneLessWhereTheMethodHeedsIt(String method, String asked, String told) throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var reply = Wire.exchange(socket, request(method, origin.url("/"), "Max-Forwards: " + asked + "\r\n"));

            assertThat(reply.status()).isEqualTo(200);
            assertThat(origin.seen.element().headers().get("Max-forwards")).containsExactly(told);
        }
    }

    @Test
    void optionsThatMayGoNoFurtherAreAnsweredHere() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            for (var time = 1; time <= 2; time++) {
                var reply = Wire.exchange(socket, request("OPTIONS", origin.url("/"), "Max-Forwards: 0\r\n"));
                assertThat(reply.status()).isEqualTo(200);
                assertThat(reply.headers().get("allow")).contains("OPTIONS", "TRACE", "CONNECT");
                assertThat(reply.headers()).containsEntry("content-length", "0");
                assertThat(firewall.metric("pipelock_requests_total{result=\"allowed\"}"))
                        .isEqualTo(time);
            }
            assertThat(origin.seen).isEmpty();
        }
    }

    @Test
    void aTraceThatMayGoNoFurtherComesBackWithoutWhatIsSensitive() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var reply = Wire.exchange(
                    socket,
                    request(
                            "TRACE",
                            origin.url("/path"),
                            "Max-Forwards: 0\r\nX-Seen: yes\r\nCookie: a=b\r\nAuthorization: Basic YTpi\r\nX-Api-Key: 7\r\n"));

            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.headers()).containsEntry("content-type", "message/http");
            assertThat(reply.body())
                    .startsWith("TRACE " + origin.url("/path") + " HTTP/1.1\r\n")
                    .contains("X-Seen: yes")
                    .doesNotContainIgnoringCase("cookie")
                    .doesNotContainIgnoringCase("authorization")
                    .doesNotContainIgnoringCase("key");
            assertThat(origin.seen).isEmpty();
        }
    }

    @Test
    void aReverseProxyIsAHopToo() throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.withReverseProxy("http://127.0.0.1:" + origin.port(), "");
                var socket = firewall.connectToReverseProxy()) {
            assertThat(Wire.exchange(socket, request("OPTIONS", "/", "Max-Forwards: 0\r\n"))
                            .headers())
                    .containsKey("allow");
            assertThat(origin.seen).isEmpty();
            assertThat(Wire.exchange(socket, request("OPTIONS", "/", "Max-Forwards: 3\r\n"))
                            .status())
                    .isEqualTo(200);
            assertThat(origin.seen.element().headers().get("Max-forwards")).containsExactly("2");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Max-Forwards: -1\r\n",
                "Max-Forwards: many\r\n",
                "Max-Forwards:\r\n",
                "Max-Forwards: 1\r\nMax-Forwards: 0\r\n"
            })
    void whatIsNotOneNumberIsRefused(String fields) throws Exception {
        try (var origin = Origin.saying("hello");
                var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var reply = Wire.exchange(socket, request("OPTIONS", origin.url("/"), fields));
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.body()).contains("max-forwards");
            assertThat(origin.seen).isEmpty();
        }
    }

    @Test
    void whatIsAnsweredHereIsJudgedFirst() throws Exception {
        try (var firewall = TestFirewall.with("{}");
                var socket = firewall.connect()) {
            var target = "http://origin.test/?" + MarkerScans.SECRET;
            assertThat(Wire.exchange(socket, request("TRACE", target, "Max-Forwards: 0\r\n"))
                            .status())
                    .isEqualTo(403);
        }
    }
}
