package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Policies.bgp;
import static dev.portcullis.dataplane.flow.bgp.Policies.blackhole;
import static dev.portcullis.dataplane.flow.bgp.Policies.neighbor;
import static dev.portcullis.dataplane.flow.bgp.Policies.rule;
import static dev.portcullis.dataplane.flow.bgp.Policies.signed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Bgp;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Family;
import dev.portcullis.crd.v1alpha1.TimeSpan;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.flow.mitigate.Announcement;
import dev.portcullis.dataplane.flow.mitigate.Announcement.BlackholeRoute;
import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import dev.portcullis.dataplane.flow.mitigate.Announcement.Prefix;
import dev.portcullis.dataplane.flow.mitigate.Announcer.PeerState;
import dev.portcullis.dataplane.metrics.BgpMetrics;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The speaker against neighbours that follow a script, over real sockets. */
class BgpSpeakerTest {
    private static final long ASN = 65004;
    private static final String LOOPBACK = "127.0.0.1";

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Map<String, byte[]> secrets = new ConcurrentHashMap<>();
    private final SecretSource source = ref -> Optional.ofNullable(secrets.get(ref.name()));
    private final BgpMetrics metrics = new BgpMetrics(registry);
    private final List<AutoCloseable> open = new ArrayList<>();
    private BgpSpeaker speaker = speaker(Policies.QUICK);

    @SuppressWarnings("NullAway.Init") // set before each test
    private ScriptedPeer peer;

    @BeforeEach
    void listen() throws IOException {
        peer = new ScriptedPeer();
        open.add(peer);
    }

    @AfterEach
    void close() throws Exception {
        for (var one : open) {
            one.close();
        }
        speaker.close();
    }

    @Test
    void nothingIsAnnouncedBeforeTheSessionIsEstablished() throws IOException {
        var route = blackhole("203.0.113.45/32");
        speaker.replace(List.of(route));
        speaker.configure(bgp("90s", neighbor("edge", LOOPBACK, peer.port(), ASN)));
        var connection = opened(peer.accept());
        connection.read();
        await().until(() -> state("edge").state().equals("OpenSent"));
        assertThat(speaker.carriedBy(route)).isZero();
        assertThat(speaker.canCarry(route)).isFalse();
        connection.write(Wire.open(ASN, 90));
        connection.read();
        assertThat(speaker.canCarry(route)).isFalse();
        connection.write(Wire.KEEPALIVE);
        assertThat(connection.readTable()).singleElement().asString().endsWith("20cb00712d");
        await().until(() -> speaker.carriedBy(route) == 1);
        assertThat(speaker.canCarry(route)).isTrue();
        assertThat(speaker.carriedBy(blackhole("203.0.113.46/32"))).isZero();
        assertThat(state("edge"))
                .satisfies(state -> assertThat(state.announced()).isOne())
                .satisfies(state -> assertThat(state.address()).isEqualTo(LOOPBACK))
                .satisfies(state -> assertThat(state.remoteAsn()).isEqualTo(ASN));
        assertThat(scrape())
                .contains("portcullis_bgp_peer_up{peer=\"edge\"} 1.0")
                .contains("portcullis_bgp_peer_announced{family=\"IPv4Unicast\",peer=\"edge\"} 1.0")
                .contains("portcullis_bgp_peer_announced{family=\"IPv6FlowSpec\",peer=\"edge\"} 0.0");
    }

    @Test
    void aConfigurationSwapTouchesOnlyWhatChanged() throws IOException {
        var second = new ScriptedPeer();
        var third = new ScriptedPeer();
        open.addAll(List.of(second, third));
        speaker.replace(List.of(blackhole("203.0.113.45/32")));
        speaker.configure(bgp(
                "90s",
                neighbor("kept", LOOPBACK, peer.port(), ASN),
                neighbor("changed", LOOPBACK, second.port(), ASN),
                neighbor("removed", LOOPBACK, third.port(), ASN)));
        var kept = established(peer);
        var changed = established(second);
        var removed = established(third);
        await().until(() -> speaker.carriedBy(blackhole("203.0.113.45/32")) == 3);
        var since = state("kept").since();

        speaker.configure(bgp(
                "90s",
                neighbor("kept", LOOPBACK, peer.port(), ASN),
                neighbor("changed", LOOPBACK, second.port(), ASN, Family.IPv4Unicast)));
        assertThat(removed.next()).isEqualTo("2 000520cb00712d0000");
        assertThat(removed.next()).isEqualTo("3 0603");
        assertThat(changed.next()).isEqualTo("2 000520cb00712d0000");
        assertThat(changed.next()).isEqualTo("3 0606");
        var again = opened(second.accept());
        assertThat(Wire.body(again.read())).contains("010400010001").doesNotContain("010400020085");

        assertThat(speaker.peers()).extracting(PeerState::name).containsExactly("kept", "changed");
        assertThat(state("kept").since()).isEqualTo(since);
        assertThat(scrape()).doesNotContain("peer=\"removed\"").contains("portcullis_bgp_peer_up{peer=\"kept\"} 1.0");
        speaker.replace(List.of());
        assertThat(kept.next()).isEqualTo("2 000520cb00712d0000");

        speaker.configure(null);
        assertThat(kept.next()).isEqualTo("3 0603");
        await().until(() -> speaker.peers().isEmpty());
        assertThat(scrape()).doesNotContain("peer=");
    }

    @Test
    void closingTakesBackSaysGoodbyeAndWaits() throws IOException {
        speaker.configure(bgp("90s", neighbor("edge", LOOPBACK, peer.port(), ASN)));
        speaker.replace(List.of(blackhole("203.0.113.45/32"), rule("203.0.113.45/32")));
        var connection = established(peer);
        await().until(() -> speaker.carriedBy(rule("203.0.113.45/32")) == 1);
        speaker.close();
        assertThat(connection.next()).isEqualTo("2 000520cb00712d0000");
        assertThat(connection.next()).isEqualTo("2 0000000d800f0a000185060120cb00712d");
        assertThat(connection.next()).startsWith("3 06021b");
        assertThatThrownBy(connection::next).isInstanceOf(EOFException.class);
        speaker.close();
        speaker.replace(List.of());
        speaker.configure(null);
    }

    @Test
    void aFullTableIsToldAndWhatIsBeyondItIsCounted() throws IOException {
        speaker.configure(bgp("90s", neighbor("edge", LOOPBACK, peer.port(), ASN)));
        var connection = established(peer);
        speaker.replace(routes(RouteTable.MAX_ROUTES + 7));
        var octets = 0;
        while (octets < RouteTable.MAX_ROUTES * 5) {
            var update = connection.next();
            assertThat(update).startsWith("2 0000001b");
            octets += (update.length() - 2) / 2 - 4 - 0x1b;
        }
        assertThat(octets).isEqualTo(RouteTable.MAX_ROUTES * 5);
        await().until(() -> state("edge").announced() == RouteTable.MAX_ROUTES);
        assertThat(scrape()).contains("portcullis_bgp_announcements_dropped_total{reason=\"limit\"} 7.0");
    }

    @Test
    void aNeighbourThatReadsSlowlyEndsWithTheNewestTable() throws IOException {
        speaker.configure(bgp("90s", neighbor("edge", LOOPBACK, peer.port(), ASN)));
        var connection = established(peer);
        var all = routes(20_000);
        for (var size = 0; size < 50; size++) {
            speaker.replace(all.subList(size, all.size() - size));
        }
        var last = blackhole("203.0.113.45/32");
        speaker.replace(List.of(last));
        var told = 0;
        var withdrawn = 0;
        while (speaker.carriedBy(last) == 0 || told - withdrawn != 1) {
            var body = Wire.bytes(connection.next().substring(2));
            var octets = (body[0] & 0xFF) << 8 | body[1] & 0xFF;
            withdrawn += octets / 5;
            told += octets == 0 ? (body.length - 4 - 0x1b) / 5 : 0;
        }
        await().until(() -> state("edge").announced() == 1);
    }

    @Test
    void aNeighbourThatReadsNothingIsGivenUp() throws IOException {
        speaker.close();
        speaker = speaker(new Timings(
                Duration.ofMillis(100),
                Duration.ofMillis(400),
                Duration.ofMinutes(4),
                Duration.ofMillis(500),
                Duration.ofMillis(100),
                Duration.ofMillis(200)));
        var deaf = new ScriptedPeer(4_096);
        open.add(deaf);
        speaker.configure(bgp("9s", neighbor("edge", LOOPBACK, deaf.port(), ASN)));
        var connection = established(deaf);
        // Each rule has a rate of its own and so an UPDATE of its own: more than the largest send buffer takes.
        speaker.replace(IntStream.range(0, RouteTable.MAX_ROUTES)
                .mapToObj(i -> (Announcement) new FlowSpecRule(
                        new Prefix(InetAddresses.forString("2001:db8::1"), 128),
                        null,
                        17,
                        i % 50_000,
                        i / 50_000,
                        0,
                        false,
                        i))
                .toList());
        await().untilAsserted(() -> {
            connection.writeIfOpen(Wire.KEEPALIVE);
            assertThat(state("edge").lastError()).contains("Send Hold Timer Expired (8/0)");
        });
        assertThat(state("edge").announced()).isZero();
        assertThat(scrape()).contains("portcullis_bgp_session_drops_total{peer=\"edge\"} 1.0");
    }

    @Test
    void aServerThatIsNoRouterIsRefusedAndTriedAgain() throws IOException {
        speaker.configure(bgp("90s", neighbor("edge", LOOPBACK, peer.port(), ASN)));
        for (var i = 0; i < 3; i++) {
            try (var connection = peer.accept()) {
                connection.read();
                connection.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(connection.next()).isEqualTo("3 0101");
                assertThatThrownBy(connection::next).isInstanceOf(EOFException.class);
            }
        }
        assertThat(state("edge").lastError()).contains("Connection Not Synchronized");
        assertThat(scrape())
                .containsPattern("portcullis_bgp_notifications_total\\{direction=\"sent\",peer=\"edge\"} [3-9]");
    }

    @Test
    void aMissingPasswordKeepsTheNeighbourIdleUntilItIsThere() throws IOException {
        var signed = signed(neighbor("edge", LOOPBACK, peer.port(), ASN));
        speaker.configure(bgp("90s", signed));
        await().until(() -> !speaker.peers().isEmpty());
        assertThat(state("edge").state()).isEqualTo("Idle");
        assertThat(state("edge").lastError())
                .isEqualTo(
                        "passwordSecretRef: key 'md5' of Secret 'bgp' does not exist; create it or remove the reference");
        secrets.put("bgp", new byte[81]);
        speaker.configure(bgp("90s", signed));
        await().untilAsserted(() -> assertThat(state("edge").lastError()).contains("1 to 80 octets"));
        secrets.put("bgp", "\r\n".getBytes(StandardCharsets.US_ASCII));
        speaker.configure(bgp("90s", signed));
        await().untilAsserted(() -> assertThat(state("edge").lastError()).contains("1 to 80 octets"));
        secrets.clear();
        speaker.configure(bgp("90s", neighbor("edge", LOOPBACK, peer.port(), ASN)));
        established(peer);
    }

    @Test
    void whatCannotBeTriedIsSaid() {
        speaker.configure(bgp("90s", neighbor("edge", "edge.example.net", 179, ASN)));
        await().untilAsserted(() -> assertThat(state("edge").lastError())
                .isEqualTo("address 'edge.example.net' is not an IPv4 or IPv6 address"));
        speaker.configure(bgp("2s", neighbor("edge", LOOPBACK, 179, ASN)));
        await().untilAsserted(() ->
                assertThat(state("edge").lastError()).isEqualTo("bgp.holdTime 2s is not between 3s and 18h12m15s"));
        speaker.configure(new Bgp(1, "0.0.0.0", TimeSpan.parse("90s"), List.of(neighbor("edge", LOOPBACK, 179, ASN))));
        await().untilAsserted(() -> assertThat(state("edge").lastError()).contains("bgp.routerId '0.0.0.0'"));
    }

    @Test
    void twoNeighboursOfOneNameAreRefusedAndNothingChanges() throws IOException {
        speaker.configure(bgp("90s", neighbor("edge", LOOPBACK, peer.port(), ASN)));
        established(peer);
        await().until(() -> state("edge").state().equals("Established"));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        speaker.configure(bgp("90s", neighbor("a", LOOPBACK, 1, ASN), neighbor("a", LOOPBACK, 2, ASN))))
                .withMessageContaining("two have the name 'a'");
        assertThat(state("edge").state()).isEqualTo("Established");
    }

    @Test
    void anAnnouncementThatCannotBeSaidIsCountedAndTheOthersAreMade() throws IOException {
        speaker.configure(bgp("90s", neighbor("edge", LOOPBACK, peer.port(), ASN)));
        var connection = established(peer);
        var everything = new FlowSpecRule(null, null, 17, -1, -1, 0, false, 0);
        var mixed = new BlackholeRoute(
                new Prefix(InetAddresses.forString("203.0.113.9"), 32),
                InetAddresses.forString("100::1"),
                List.of(),
                0);
        speaker.replace(List.of(everything, mixed, blackhole("203.0.113.45/32")));
        assertThat(connection.next()).endsWith("20cb00712d");
        assertThat(speaker.carriedBy(everything)).isZero();
        assertThat(speaker.canCarry(mixed)).isFalse();
        assertThat(scrape()).contains("portcullis_bgp_announcements_dropped_total{reason=\"invalid\"} 2.0");
    }

    private BgpSpeaker speaker(Timings timings) {
        return new BgpSpeaker(source, metrics, InstantSource.system(), timings);
    }

    private static List<Announcement> routes(int count) {
        return IntStream.range(0, count)
                .mapToObj(i ->
                        (Announcement) blackhole("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255) + "/32"))
                .toList();
    }

    private ScriptedPeer.Connection opened(ScriptedPeer.Connection connection) {
        open.addFirst(connection);
        return connection;
    }

    /** Establishes a session and reads its initial table, End-of-RIB of all four families included. */
    private ScriptedPeer.Connection established(ScriptedPeer neighbour) throws IOException {
        var connection = opened(neighbour.establish(ASN));
        connection.readTable();
        for (var i = 0; i < 3; i++) {
            assertThat(connection.next()).startsWith("2 00000006800f03");
        }
        return connection;
    }

    private PeerState state(String name) {
        return speaker.peers().stream()
                .filter(state -> state.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private String scrape() throws IOException {
        var out = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(out, registry.scrape());
        return out.toString(StandardCharsets.UTF_8);
    }
}
