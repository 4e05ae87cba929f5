package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Policies.amplification;
import static dev.portcullis.dataplane.flow.bgp.Policies.bgp;
import static dev.portcullis.dataplane.flow.bgp.Policies.blackhole;
import static dev.portcullis.dataplane.flow.bgp.Policies.neighbor;
import static dev.portcullis.dataplane.flow.bgp.Policies.prefix;
import static dev.portcullis.dataplane.flow.bgp.Policies.signed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.flow.mitigate.Announcement;
import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import dev.portcullis.dataplane.flow.mitigate.Announcer.PeerState;
import dev.portcullis.dataplane.metrics.BgpMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What BIRD 2 makes of what we say. */
class BirdInteropTest {
    private static final String ADDRESS = "127.0.0.4";
    private static final String PASSWORD = "correct horse";

    @TempDir
    Path folder;

    private final SecretSource secrets = ref -> Optional.of((PASSWORD + "\n").getBytes(StandardCharsets.UTF_8));
    private final BgpSpeaker speaker =
            new BgpSpeaker(secrets, new BgpMetrics(new PrometheusRegistry()), InstantSource.system(), Policies.QUICK);
    private String birdc = "";

    @SuppressWarnings("NullAway.Init") // not there where BIRD is not
    private Daemon bird;

    private int port;

    @BeforeEach
    void find() throws IOException {
        Daemon.require("bird", "bird2");
        birdc = Daemon.require("birdc", "bird2");
        port = Daemon.freePort(ADDRESS);
    }

    @AfterEach
    void stop() throws InterruptedException {
        speaker.close();
        if (bird != null) {
            bird.close();
        }
    }

    @Test
    void anExternalNeighbourShowsEveryKindOfAnnouncementAndForgetsTheWithdrawn() throws IOException {
        bird = bird(65004, "");
        speaker.configure(bgp("90s", neighbor("edge", ADDRESS, port, 65004)));
        var v4 = blackhole("203.0.113.45/32");
        var v6 = blackhole("2001:db8::bad/128");
        var flow4 = amplification("203.0.113.45/32", 123, 0);
        var flow6 = amplification("2001:db8::bad/128", 53, 12_500_000);
        var syn = new FlowSpecRule(prefix("198.51.100.0/24"), prefix("203.0.113.0/25"), 6, -1, 443, 0x02, true, 0);
        speaker.replace(List.of(v4, v6, flow4, flow6, syn));
        awaitCarried(v4, v6, flow4, flow6, syn);

        var routes = awaitRoutes("203.0.113.45/32", "2001:db8::bad/128", "flow4", "flow6");
        assertThat(routes)
                .contains("BGP.origin: Incomplete")
                .contains("BGP.as_path: 65001")
                .contains("BGP.next_hop: 192.0.2.1")
                .contains("BGP.next_hop: 100::1")
                .contains("BGP.community: (65535,666)")
                .contains("flow4 { dst 203.0.113.45/32; proto 17; sport 123; }")
                .contains("flow6 { dst 2001:db8::bad/128; next header 17; sport 53; }")
                .contains("flow4 { dst 198.51.100.0/24; src 203.0.113.0/25; proto 6; dport 443; tcp flags 0x2/0x2;"
                        + " fragment is_fragment; }")
                .contains("BGP.ext_community: (generic, 0x80060000, 0x0)")
                .contains("BGP.ext_community: (generic, 0x80060000, 0x4b3ebc20)")
                .doesNotContain("BGP.local_pref: 300");
        assertThat(speaker.peers().getFirst().announced()).isEqualTo(5);

        speaker.replace(List.of(flow4));
        await().untilAsserted(() -> assertThat(routes())
                .contains("flow4 { dst 203.0.113.45/32; proto 17; sport 123; }")
                .doesNotContain("BGP.community")
                .doesNotContain("flow6")
                .doesNotContain("198.51.100.0"));
        assertThat(speaker.carriedBy(v4)).isZero();

        speaker.withdrawAll();
        await().untilAsserted(() -> assertThat(routes()).doesNotContain("BGP.origin"));
    }

    @Test
    void anInternalNeighbourGetsLocalPrefAndNoAsPath() throws IOException {
        bird = bird(65001, "");
        speaker.configure(bgp("90s", neighbor("core", ADDRESS, port, 65001)));
        var route = new Announcement.BlackholeRoute(
                prefix("203.0.113.7/32"), InetAddresses.forString("192.0.2.1"), List.of(Policies.BLACKHOLE), 300);
        speaker.replace(List.of(route));
        awaitCarried(route);
        assertThat(awaitRoutes("203.0.113.7/32"))
                .contains("BGP.local_pref: 300")
                .containsPattern("BGP.as_path: *\n");
    }

    @Test
    void aNewRateReplacesTheOldOneOfTheSameRule() throws IOException {
        bird = bird(65004, "");
        speaker.configure(bgp("90s", neighbor("edge", ADDRESS, port, 65004)));
        speaker.replace(List.of(amplification("203.0.113.45/32", 123, 12_500_000)));
        awaitRoutes("0x4b3ebc20");
        var discard = amplification("203.0.113.45/32", 123, 0);
        speaker.replace(List.of(discard));
        assertThat(awaitRoutes("(generic, 0x80060000, 0x0)")).doesNotContain("0x4b3ebc20");
        awaitCarried(discard);
    }

    @Test
    void aRestartedNeighbourIsToldEverythingAgain() throws Exception {
        bird = bird(65004, "");
        speaker.configure(bgp("90s", neighbor("edge", ADDRESS, port, 65004)));
        var route = blackhole("203.0.113.45/32");
        speaker.replace(List.of(route));
        awaitRoutes("203.0.113.45/32");
        bird.kill();
        await().until(() -> speaker.carriedBy(route) == 0);
        assertThat(speaker.canCarry(route)).isFalse();
        assertThat(speaker.peers().getFirst().lastError()).isNotBlank();
        bird.restart();
        awaitRoutes("203.0.113.45/32");
        awaitCarried(route);
    }

    @Test
    void aNeighbourThatAsksForARefreshIsToldEverythingAgain() throws IOException {
        bird = bird(65004, "");
        speaker.configure(bgp("90s", neighbor("edge", ADDRESS, port, 65004)));
        speaker.replace(List.of(blackhole("203.0.113.45/32"), amplification("2001:db8::bad/128", 53, 0)));
        awaitRoutes("203.0.113.45/32", "flow6");
        var before = updates();
        ask("reload in portcullis");
        await().until(() -> updates() > before);
        assertThat(routes()).contains("203.0.113.45/32", "flow6");
    }

    @Test
    void aFrozenNeighbourIsDroppedWhenTheHoldTimeIsOver() throws Exception {
        bird = bird(65004, "hold time 3; error wait time 1, 1;");
        speaker.configure(bgp("3s", neighbor("edge", ADDRESS, port, 65004)));
        var route = blackhole("203.0.113.45/32");
        speaker.replace(List.of(route));
        awaitCarried(route);
        bird.freeze();
        try {
            await().untilAsserted(() ->
                    assertThat(speaker.peers().getFirst().lastError()).contains("Hold Timer Expired (4/0)"));
            assertThat(speaker.carriedBy(route)).isZero();
        } finally {
            bird.thaw();
        }
        awaitCarried(route);
    }

    @Test
    void aSharedPasswordSignsTheSession() throws IOException {
        bird = bird(65004, "password \"" + PASSWORD + "\";");
        speaker.configure(bgp("90s", signed(neighbor("edge", ADDRESS, port, 65004))));
        var route = blackhole("203.0.113.45/32");
        speaker.replace(List.of(route));
        awaitCarried(route);
        awaitRoutes("203.0.113.45/32");
        assertThat(speaker.peers().toString()).doesNotContain(PASSWORD);
    }

    @Test
    void anUnsignedSessionDoesNotReachANeighbourWithAPassword() throws IOException {
        bird = bird(65004, "password \"" + PASSWORD + "\";");
        speaker.configure(bgp("90s", neighbor("edge", ADDRESS, port, 65004)));
        await().during(Duration.ofSeconds(1))
                .until(() -> speaker.peers().stream().noneMatch(BirdInteropTest::established));
    }

    @Test
    void closingTakesEverythingBack() throws IOException {
        bird = bird(65004, "");
        speaker.configure(bgp("90s", neighbor("edge", ADDRESS, port, 65004)));
        speaker.replace(List.of(blackhole("203.0.113.45/32")));
        awaitRoutes("203.0.113.45/32");
        speaker.close();
        await().untilAsserted(() -> assertThat(routes()).doesNotContain("203.0.113.45/32"));
        assertThat(bird.log()).contains("Portcullis is shutting down");
    }

    private Daemon bird(long asn, String options) throws IOException {
        Files.writeString(folder.resolve("bird.conf"), """
                        log stderr all;
                        debug protocols { states, events };
                        router id 192.0.2.4;
                        flow4 table flowtab4;
                        flow6 table flowtab6;
                        protocol device {}
                        protocol bgp portcullis {
                          local %s port %d as %d;
                          neighbor 127.0.0.1 as 65001;
                          multihop;
                          strict bind;
                          passive;
                          %s
                          ipv4 { import all; export none; };
                          ipv6 { import all; export none; };
                          flow4 { table flowtab4; import all; export none; };
                          flow6 { table flowtab6; import all; export none; };
                        }
                        """.formatted(ADDRESS, port, asn, options));
        var started = new Daemon(
                folder,
                List.of(Daemon.require("bird", "bird2"), "-f", "-c", "bird.conf", "-s", "bird.ctl", "-P", "bird.pid"));
        await().until(() -> Files.exists(folder.resolve("bird.ctl")));
        return started;
    }

    private String ask(String command) {
        return bird.ask(List.of(birdc, "-s", "bird.ctl", command));
    }

    private String routes() {
        return ask("show route all") + ask("show route all table flowtab4") + ask("show route all table flowtab6");
    }

    /** The sum of the "import updates" of all channels. */
    private long updates() {
        return ask("show protocols all portcullis")
                .lines()
                .filter(line -> line.contains("Import updates:"))
                .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[2]))
                .sum();
    }

    private String awaitRoutes(String... parts) {
        await().untilAsserted(
                        () -> assertThat(routes()).as("log: %s", bird.log()).contains(parts));
        return routes();
    }

    private void awaitCarried(Announcement... announcements) {
        for (var announcement : announcements) {
            await().untilAsserted(() -> assertThat(speaker.carriedBy(announcement))
                    .as("%s; log: %s", speaker.peers(), bird.log())
                    .isOne());
        }
    }

    private static boolean established(PeerState peer) {
        return peer.state().equals("Established");
    }
}
