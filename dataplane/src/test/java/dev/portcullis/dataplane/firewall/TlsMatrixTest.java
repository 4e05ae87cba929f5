package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What OpenSSL's client gets from an intercepted tunnel, for each version, ALPN and server name it may come with. */
@Timeout(120)
class TlsMatrixTest {
    private static String openssl = "";
    private static Origin named;
    private static Origin addressed;
    private static TestFirewall firewall;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws IOException {
        openssl = Installed.program("openssl", "openssl");
        named = Origin.secure(TestCertificates.origin("origin.test"), Origin.text("by name"));
        addressed = Origin.secure(TestCertificates.origin("127.0.0.1"), Origin.text("by address"));
        firewall = TestFirewall.with(Intercepted.policy(named.port(), "")
                .replace("[" + named.port() + "]", "[" + named.port() + ", " + addressed.port() + "]"));
    }

    @AfterAll
    static void stop() {
        firewall.close();
        named.close();
        addressed.close();
    }

    static List<Arguments> combinations() {
        var all = new ArrayList<Arguments>();
        for (var version : List.of("1.2", "1.3")) {
            for (var alpn : List.of("none", "http/1.1", "h2", "h2,http/1.1", "x-unheard-of")) {
                for (var name : List.of("present", "absent", "mismatch", "address", "address with its own name")) {
                    all.add(Arguments.of(version, alpn, name));
                }
            }
        }
        return all;
    }

    @ParameterizedTest(name = "TLS {0}, ALPN {1}, server name {2}")
    @MethodSource("combinations")
    void everyCombinationIsAnsweredWithACertificateForTheTunnelsHostOrEnds(String version, String alpn, String name)
            throws Exception {
        var byAddress = name.startsWith("address");
        var origin = byAddress ? addressed : named;
        var host = byAddress ? "127.0.0.1" : "origin.test";
        var command = new ArrayList<>(List.of(
                openssl,
                "s_client",
                "-proxy",
                "127.0.0.1:" + firewall.port(),
                "-connect",
                host + ":" + origin.port(),
                version.equals("1.2") ? "-tls1_2" : "-tls1_3",
                "-CAfile",
                TestCertificates.file(TestCertificates.POLICY, folder).toString(),
                "-verify_return_error",
                byAddress ? "-verify_ip" : "-verify_hostname",
                host,
                "-ign_eof"));
        if (!alpn.equals("none")) {
            command.addAll(List.of("-alpn", alpn));
        }
        switch (name) {
            case "present" -> command.addAll(List.of("-servername", "Origin.Test"));
            case "mismatch" -> command.addAll(List.of("-servername", "elsewhere.test"));
            case "address with its own name" -> command.addAll(List.of("-servername", "127.0.0.1"));
            default -> command.add("-noservername");
        }
        var http2 = alpn.startsWith("h2");
        var category =
                switch (name) {
                    case "present", "address with its own name" -> "match";
                    case "mismatch" -> "mismatch";
                    default -> "no_extension";
                };
        var series = "pipelock_sni_total{category=\"" + category + "\"}";
        var before = Math.max(0, firewall.metric(series));
        var run = Program.run(
                folder,
                http2
                        ? "neither HTTP/2 nor anything"
                        : "GET / HTTP/1.1\r\nHost: " + host + ":" + origin.port() + "\r\nConnection: close\r\n\r\n",
                command);
        assertThat(Math.max(0, firewall.metric(series))).isEqualTo(before + 1);
        if (name.equals("mismatch")) {
            assertThat(run.exit()).isNotZero();
            assertThat(run.out()).doesNotContain("BEGIN CERTIFICATE");
            return;
        }
        assertThat(run.out())
                .contains("Verification: OK", "TLSv" + version)
                .contains(
                        http2 ? "ALPN protocol: h2" : alpn.equals("http/1.1") ? "ALPN protocol: http/1.1" : "No ALPN");
        if (!http2) {
            assertThat(run.out()).contains("HTTP/1.1 200 OK", byAddress ? "by address" : "by name");
        }
    }
}
