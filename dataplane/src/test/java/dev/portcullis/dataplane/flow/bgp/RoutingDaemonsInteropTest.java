package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Policies.amplification;
import static dev.portcullis.dataplane.flow.bgp.Policies.bgp;
import static dev.portcullis.dataplane.flow.bgp.Policies.blackhole;
import static dev.portcullis.dataplane.flow.bgp.Policies.neighbor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.metrics.BgpMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What GoBGP and FRR make of what we say. */
class RoutingDaemonsInteropTest {
    private static final Duration ASKING = Duration.ofMillis(300);

    @TempDir
    Path folder;

    private final BgpSpeaker speaker = new BgpSpeaker(
            SecretSource.none(), new BgpMetrics(new PrometheusRegistry()), InstantSource.system(), Policies.QUICK);

    @AfterEach
    void close() {
        speaker.close();
    }

    @Test
    void goBgpShowsEveryKindOfAnnouncementAndForgetsTheWithdrawn() throws Exception {
        var gobgpd = Daemon.require("gobgpd", "gobgpd");
        var gobgp = Daemon.require("gobgp", "gobgpd");
        var port = Daemon.freePort("127.0.0.2");
        var api = Integer.toString(Daemon.freePort("127.0.0.2"));
        Files.writeString(folder.resolve("gobgpd.conf"), """
                [global.config]
                  as = 65002
                  router-id = "192.0.2.2"
                  port = %d
                  local-address-list = ["127.0.0.2"]
                [[neighbors]]
                  [neighbors.config]
                    neighbor-address = "127.0.0.1"
                    peer-as = 65001
                  [neighbors.transport.config]
                    passive-mode = true
                  [neighbors.ebgp-multihop.config]
                    enabled = true
                  [[neighbors.afi-safis]]
                    config.afi-safi-name = "ipv4-unicast"
                  [[neighbors.afi-safis]]
                    config.afi-safi-name = "ipv6-unicast"
                  [[neighbors.afi-safis]]
                    config.afi-safi-name = "ipv4-flowspec"
                  [[neighbors.afi-safis]]
                    config.afi-safi-name = "ipv6-flowspec"
                """.formatted(port));
        var command = List.of(gobgpd, "-f", "gobgpd.conf", "--api-hosts", "127.0.0.2:" + api, "--pprof-disable");
        try (var daemon = new Daemon(folder, command)) {
            Supplier<String> routes = () -> List.of("ipv4", "ipv6", "ipv4-flowspec", "ipv6-flowspec").stream()
                    .map(family ->
                            daemon.ask(List.of(gobgp, "-u", "127.0.0.2", "-p", api, "global", "rib", "-a", family)))
                    .reduce("", String::concat);
            announceTo("127.0.0.2", port, 65002);
            await().pollInterval(ASKING).untilAsserted(() -> assertThat(routes.get())
                    .as(daemon::log)
                    .contains("203.0.113.45/32", "2001:db8::bad/128")
                    .contains("192.0.2.1", "100::1")
                    .contains("{Communities: blackhole}")
                    .contains("[destination: 203.0.113.45/32][protocol: ==udp][source-port: ==123]")
                    .contains("[destination: 2001:db8::bad/128/0][protocol: ==udp][source-port: ==53]")
                    .contains("{Extcomms: [discard]}", "{Extcomms: [rate: 12500000.000000]}"));
            speaker.withdrawAll();
            await().pollInterval(ASKING)
                    .untilAsserted(() -> assertThat(routes.get()).doesNotContain("203.0.113.45", "2001:db8::bad"));
        }
    }

    @Test
    void frrShowsEveryKindOfAnnouncementAndForgetsTheWithdrawn() throws Exception {
        var bgpd = Daemon.require("bgpd", "frr");
        var vtysh = Daemon.require("vtysh", "frr");
        var port = Daemon.freePort("127.0.0.3");
        Files.writeString(folder.resolve("bgpd.conf"), """
                router bgp 65003
                 bgp router-id 192.0.2.3
                 no bgp ebgp-requires-policy
                 no bgp default ipv4-unicast
                 neighbor 127.0.0.1 remote-as 65001
                 neighbor 127.0.0.1 passive
                 neighbor 127.0.0.1 disable-connected-check
                 address-family ipv4 unicast
                  neighbor 127.0.0.1 activate
                 exit-address-family
                 address-family ipv6 unicast
                  neighbor 127.0.0.1 activate
                 exit-address-family
                 address-family ipv4 flowspec
                  neighbor 127.0.0.1 activate
                 exit-address-family
                 address-family ipv6 flowspec
                  neighbor 127.0.0.1 activate
                 exit-address-family
                """);
        var here = folder.toString();
        // -Z -n: routes go neither to zebra nor to the kernel; -P 0: no vty port; -S: keep our user
        var command = List.of(
                bgpd,
                "-f",
                here + "/bgpd.conf",
                "-Z",
                "-n",
                "-S",
                "-P",
                "0",
                "-p",
                Integer.toString(port),
                "-l",
                "127.0.0.3",
                "--vty_socket",
                here,
                "-i",
                here + "/bgpd.pid",
                "--log",
                "stdout");
        try (var daemon = new Daemon(folder, command)) {
            Supplier<String> routes = () -> List.of(
                            "ipv4 unicast 203.0.113.45/32",
                            "ipv6 unicast 2001:db8::bad/128",
                            "ipv4 flowspec detail",
                            "ipv6 flowspec detail")
                    .stream()
                    .map(what ->
                            daemon.ask(List.of(vtysh, "--vty_socket", here, "-d", "bgpd", "-c", "show bgp " + what)))
                    .reduce("", String::concat);
            announceTo("127.0.0.3", port, 65003);
            await().pollInterval(ASKING).untilAsserted(() -> assertThat(routes.get())
                    .as(daemon::log)
                    .contains("entry for 203.0.113.45/32", "entry for 2001:db8::bad/128")
                    .contains("Community: blackhole")
                    .contains("192.0.2.1", "100::1")
                    .contains("Destination Address 203.0.113.45/32", "Source Port = 123")
                    .contains("Destination Address 2001:db8::bad/128", "Source Port = 53")
                    .contains("FS:rate 0.000000", "FS:rate 12500000.000000"));
            speaker.withdrawAll();
            await().pollInterval(ASKING).untilAsserted(() -> assertThat(routes.get())
                    .doesNotContain("Destination Address", "entry for", "FS:rate"));
        }
    }

    private void announceTo(String address, int port, long asn) throws IOException {
        speaker.configure(bgp("90s", neighbor("edge", address, port, asn)));
        speaker.replace(List.of(
                blackhole("203.0.113.45/32"),
                blackhole("2001:db8::bad/128"),
                amplification("203.0.113.45/32", 123, 0),
                amplification("2001:db8::bad/128", 53, 12_500_000)));
    }
}
