package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Policies.amplification;
import static dev.portcullis.dataplane.flow.bgp.Policies.bgp;
import static dev.portcullis.dataplane.flow.bgp.Policies.blackhole;
import static dev.portcullis.dataplane.flow.bgp.Policies.neighbor;
import static dev.portcullis.dataplane.flow.bgp.Policies.rule;
import static dev.portcullis.dataplane.flow.bgp.Wire.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Bgp;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Family;
import dev.portcullis.crd.v1alpha1.TimeSpan;
import dev.portcullis.dataplane.flow.mitigate.Announcement;
import dev.portcullis.dataplane.metrics.BgpMetrics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The finite state machine of RFC 4271 section 8 in virtual time. */
class SessionTest {
    private static final long REMOTE = 65004;
    private static final String END_OF_RIB_V4 = "2 00000000";
    private static final String KEEPALIVE = "4 ";

    private final VirtualTime time = new VirtualTime();
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final BgpMetrics metrics = new BgpMetrics(registry);
    private final List<EmbeddedChannel> dialled = new ArrayList<>();
    private RouteTable table = RouteTable.EMPTY;
    private boolean refusing;
    private Session session = session(Family.values());

    @AfterEach
    void release() {
        dialled.forEach(EmbeddedChannel::finishAndReleaseAll);
    }

    @Test
    void aSessionIsOpenedConfirmedAndEstablished() {
        assertState("Idle");
        session.start();
        assertState("OpenSent");
        assertThat(sent()).singleElement().asString().startsWith("1 04fde9005ac000020a");
        receive(Wire.open(REMOTE, 90));
        assertState("OpenConfirm");
        assertThat(sent()).containsExactly(KEEPALIVE);
        receive(Wire.KEEPALIVE);
        assertState("Established");
        assertThat(sent())
                .containsExactly(
                        END_OF_RIB_V4, "2 00000006800f03000201", "2 00000006800f03000185", "2 00000006800f03000285");
        assertThat(session.state().lastError()).isNull();
        assertThat(session.state().since()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void theInitialTablePrecedesEndOfRib() {
        announce(blackhole("203.0.113.45/32"));
        establish();
        assertThat(sent()).hasSize(5).last().isEqualTo("2 00000006800f03000285");
        assertThat(session.announces(Route.of(blackhole("203.0.113.45/32")))).isTrue();
    }

    @Test
    void onlyAgreedFamiliesAreTold() {
        session = session(Family.IPv4Unicast, Family.IPv6FlowSpec);
        announce(
                blackhole("203.0.113.45/32"),
                blackhole("2001:db8::1/128"),
                rule("203.0.113.45/32"),
                rule("2001:db8::/32"));
        session.start();
        receive(Wire.open(REMOTE, 90, "010400010001" + "010400020001" + "410400" + "00fdec"));
        receive(Wire.KEEPALIVE);
        sent();
        assertThat(session.state().announced()).isOne();
        assertThat(session.carries(AddressFamily.IPV4_UNICAST)).isTrue();
        assertThat(session.carries(AddressFamily.IPV6_UNICAST)).isFalse();
        assertThat(session.carries(AddressFamily.IPV6_FLOWSPEC)).isFalse();
        assertThat(session.announces(Route.of(rule("2001:db8::/32")))).isFalse();
    }

    @Test
    void aNeighbourWithoutCapabilitiesTakesIpv4Routes() {
        session.start();
        receive(Wire.open(REMOTE, 90, ""));
        receive(Wire.KEEPALIVE);
        assertThat(session.carries(AddressFamily.IPV4_UNICAST)).isTrue();
        assertThat(session.carries(AddressFamily.IPV4_FLOWSPEC)).isFalse();
    }

    @Test
    void aNeighbourThatTakesNoneOfOurFamiliesIsToldNothingAndSaidSo() {
        session.start();
        receive(Wire.open(REMOTE, 90, "010440044047"));
        receive(Wire.KEEPALIVE);
        assertState("Established");
        assertThat(session.state().lastError()).contains("none of the configured address families");
    }

    @Test
    void aChangeIsToldAsADifferenceNewFirst() {
        announce(blackhole("203.0.113.45/32"), blackhole("203.0.113.46/32"));
        establish();
        sent();
        announce(blackhole("203.0.113.46/32"), blackhole("203.0.113.47/32"));
        session.tableChanged();
        assertThat(sent())
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("2 0000").endsWith("20cb00712f"),
                        second -> assertThat(second).isEqualTo("2 000520cb00712d0000"));
        session.tableChanged();
        assertThat(sent()).isEmpty();
        assertThat(session.state().announced()).isEqualTo(2);
    }

    @Test
    void routesWithTheSameAttributesShareAnUpdate() {
        announce(blackhole("203.0.113.45/32"), amplification("203.0.113.45/32", 53, 0), blackhole("203.0.113.46/32"));
        establish();
        assertThat(sent()).hasSize(2 + 4).first().asString().endsWith("20cb00712d20cb00712e");
    }

    @Test
    void whatWasToldIsForgottenWithTheSession() {
        announce(blackhole("203.0.113.45/32"));
        establish();
        sent();
        last().close();
        assertState("Idle");
        assertThat(session.state().announced()).isZero();
        assertThat(session.carries(AddressFamily.IPV4_UNICAST)).isFalse();
        time.pass(Duration.ofSeconds(1));
        assertThat(dialled).hasSize(2);
        receive(Wire.open(REMOTE, 90));
        receive(Wire.KEEPALIVE);
        assertThat(sent()).anyMatch(message -> message.endsWith("20cb00712d"));
        assertThat(session.state().announced()).isOne();
        assertThat(drops()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "65005, 90, '',             2/2", // another AS
        "65004, 1,  '',             2/6", // hold time
        "65004, 90, 410300fdec,     2/0", // length of a capability
        "65004, 90, 41040000fded,   2/2", // another four-octet AS
    })
    void anUnacceptableOpenIsRefused(long asn, int holdSeconds, String capabilities, String error) {
        session.start();
        sent();
        receive(Wire.open(asn, holdSeconds, capabilities));
        assertRefused(error);
    }

    @Test
    void insideOneAsTwoSpeakersHaveTwoIdentifiers() {
        var peer = Policies.peer(new Bgp(
                REMOTE, "192.0.2.4", TimeSpan.parse("90s"), List.of(neighbor("edge", "192.0.2.1", 179, REMOTE))));
        session = session(peer);
        session.start();
        sent();
        receive(Wire.open(REMOTE, 90));
        assertRefused("2/3");
    }

    @ParameterizedTest
    @CsvSource({"4, 5/1", "2, 5/1", "5, 5/1"})
    void anythingButAnOpenIsUnexpectedAtFirst(int type, String error) {
        session.start();
        sent();
        receive(message(type, body(type)));
        assertRefused(error);
    }

    @ParameterizedTest
    @CsvSource({"1, 5/2", "2, 5/2", "5, 5/2"})
    void anythingButAKeepaliveIsUnexpectedNext(int type, String error) {
        session.start();
        receive(Wire.open(REMOTE, 90));
        sent();
        receive(type == 1 ? Wire.open(REMOTE, 90) : message(type, body(type)));
        assertRefused(error);
    }

    @Test
    void aSecondOpenIsUnexpectedInASession() {
        establish();
        sent();
        receive(Wire.open(REMOTE, 90));
        assertRefused("5/3");
    }

    @Test
    void brokenBytesEndTheSessionWithTheirError() {
        establish();
        sent();
        receive(message(2, "ffff0000"));
        assertRefused("3/1");
        assertThat(drops()).isEqualTo(1);
        assertThat(notifications("sent")).isEqualTo(1);
    }

    @Test
    void aNotificationEndsTheSessionAndIsTheLastError() {
        establish();
        sent();
        receive(message(3, "060204" + Wire.hex("gone".getBytes(StandardCharsets.US_ASCII))));
        assertState("Idle");
        assertThat(session.state().lastError())
                .isEqualTo("neighbour sent Cease (6/2): Administrative Shutdown, \"gone\"");
        assertThat(sent()).isEmpty();
        assertThat(last().isOpen()).isFalse();
        assertThat(notifications("received")).isEqualTo(1);
    }

    @Test
    void updatesAreHeardAndIgnored() {
        establish();
        sent();
        receive(message(2, "0000" + "0004" + "40010100" + "18c63364"));
        receive(message(2, "0000" + "0003" + "ffffff" + "ff"));
        assertState("Established");
        assertThat(sent()).isEmpty();
    }

    @Test
    void keepalivesAreSentThreeTimesInTheShorterHoldTime() {
        session.start();
        receive(Wire.open(REMOTE, 9));
        receive(Wire.KEEPALIVE);
        sent();
        time.pass(Duration.ofSeconds(3));
        assertThat(sent()).containsExactly(KEEPALIVE);
        receive(Wire.KEEPALIVE);
        time.pass(Duration.ofMillis(8_900));
        assertThat(sent()).hasSizeBetween(2, 4).containsOnly(KEEPALIVE);
        assertState("Established");
    }

    @Test
    void silenceForTheHoldTimeEndsTheSession() {
        session.start();
        receive(Wire.open(REMOTE, 9));
        receive(Wire.KEEPALIVE);
        time.pass(Duration.ofSeconds(8));
        receive(Wire.EMPTY_UPDATE);
        time.pass(Duration.ofMillis(8_999));
        assertState("Established");
        sent();
        time.pass(Duration.ofMillis(1));
        assertRefused("4/0");
    }

    @Test
    void timeInWhichNobodyListenedIsNotSilence() {
        session.start();
        receive(Wire.open(REMOTE, 9));
        receive(Wire.KEEPALIVE);
        time.stall(Duration.ofSeconds(60));
        time.pass(Duration.ofMillis(2_999));
        assertState("Established");
        sent();
        time.pass(Duration.ofMillis(1));
        assertRefused("4/0");
    }

    @Test
    void aNeighbourThatNeverOpensIsGivenUpAfterFourMinutes() {
        session.start();
        sent();
        time.pass(Duration.ofMillis(239_999));
        assertState("OpenSent");
        time.pass(Duration.ofMillis(1));
        assertRefused("4/0");
    }

    @Test
    void aHoldTimeOfZeroNeedsNoKeepalives() {
        session.start();
        receive(Wire.open(REMOTE, 0));
        receive(Wire.KEEPALIVE);
        sent();
        time.pass(Duration.ofHours(24));
        assertState("Established");
        assertThat(sent()).isEmpty();
    }

    @Test
    void aRefusedConnectionIsTriedAgainWithGrowingPauses() {
        refusing = true;
        session.start();
        assertState("Active");
        assertThat(session.state().lastError()).isEqualTo("cannot connect: Connection refused");
        var attempts = new ArrayList<Duration>();
        var start = time.instant();
        while (attempts.size() < 9) {
            var before = dialled.size();
            while (dialled.size() == before) {
                time.pass(Duration.ofMillis(10));
            }
            attempts.add(Duration.between(start, time.instant()));
            start = time.instant();
        }
        long[] longest = {1, 2, 4, 8, 16, 30, 30, 30, 30};
        for (var i = 0; i < longest.length; i++) {
            assertThat(attempts.get(i))
                    .isBetween(Duration.ofMillis(longest[i] * 750), Duration.ofMillis(longest[i] * 1000 + 10));
        }
        refusing = false;
        time.pass(Duration.ofSeconds(30));
        assertState("OpenSent");
    }

    @Test
    void aSessionThatLastedIsTriedAgainSoon() {
        refusing = true;
        session.start();
        time.pass(Duration.ofMinutes(2));
        refusing = false;
        time.pass(Duration.ofSeconds(30));
        receive(Wire.open(REMOTE, 90));
        receive(Wire.KEEPALIVE);
        time.pass(Duration.ofSeconds(31));
        var before = dialled.size();
        last().close();
        time.pass(Duration.ofSeconds(1));
        assertThat(dialled).hasSize(before + 1);
    }

    @Test
    void aRefreshRepeatsItsFamilyAtMostOncePerPeriod() {
        announce(blackhole("203.0.113.45/32"), rule("203.0.113.45/32"));
        establish();
        sent();
        for (var i = 0; i < 1_000; i++) {
            receive(message(5, "00010001"));
        }
        receive(message(5, "40044047")); // a family nobody agreed on
        assertThat(sent()).isEmpty();
        time.pass(Duration.ofSeconds(1));
        assertThat(sent()).singleElement().asString().endsWith("20cb00712d");
        time.pass(Duration.ofSeconds(5));
        assertThat(sent()).isEmpty();
        receive(message(5, "00010085"));
        time.pass(Duration.ofSeconds(1));
        assertThat(sent()).singleElement().asString().contains("0120cb00712d");
        assertThat(session.state().announced()).isEqualTo(2);
    }

    @Test
    void aRouteLiftedWhileItsRefreshWaitsIsStillWithdrawn() {
        announce(blackhole("203.0.113.45/32"));
        establish();
        sent();
        writable(false);
        receive(message(5, "00010001"));
        time.pass(Duration.ofSeconds(1));
        announce();
        session.tableChanged();
        writable(true);
        assertThat(sent()).containsExactly("2 000520cb00712d0000");
        assertThat(session.state().announced()).isZero();
    }

    @Test
    void aNeighbourThatDoesNotReadIsToldTheNewestTableOnly() {
        establish();
        sent();
        writable(false);
        for (var i = 1; i <= 200; i++) {
            announce(blackhole("203.0.113." + i + "/32"));
            session.tableChanged();
        }
        assertThat(sent()).isEmpty();
        assertThat(session.state().announced()).isZero();
        writable(true);
        assertThat(sent()).singleElement().asString().endsWith("20cb0071c8");
        assertThat(session.state().announced()).isOne();
    }

    @Test
    void stoppingTakesEverythingBackAndSaysWhy() {
        announce(blackhole("203.0.113.45/32"), rule("2001:db8::/32"));
        establish();
        sent();
        session.stop(Notification.cease(2, "bye"));
        assertThat(sent())
                .containsExactly("2 000520cb00712d0000", "2 0000000e800f0b0002850701200020010db8", "3 060203627965");
        assertState("Idle");
        time.pass(Duration.ofHours(1));
        assertThat(dialled).hasSize(1);
        assertThat(time.planned()).isZero();
    }

    @Test
    void stoppingBetweenAttemptsEndsThem() {
        refusing = true;
        session.start();
        assertThat(session.stop(Notification.cease(2, "bye"))).isNull();
        time.pass(Duration.ofHours(1));
        assertThat(dialled).hasSize(1);
        assertState("Idle");
    }

    private Session session(Family... families) {
        return session(Policies.peer(bgp("90s", neighbor("edge", "192.0.2.4", 179, REMOTE, families))));
    }

    private Session session(Peer peer) {
        return new Session(
                peer, this::dial, time, Timings.STANDARD, time, new Random(1), () -> table, metrics.peer("edge"));
    }

    private ChannelFuture dial(Peer peer, ChannelHandler handler) {
        var channel = new EmbeddedChannel(handler);
        dialled.add(channel);
        if (refusing) {
            return channel.newFailedFuture(new ConnectException("Connection refused"));
        }
        return channel.newSucceededFuture();
    }

    private void establish() {
        session.start();
        receive(Wire.open(REMOTE, 90));
        sent();
        receive(Wire.KEEPALIVE);
        assertState("Established");
    }

    private void announce(Announcement... announcements) {
        table = RouteTable.of(List.of(announcements), 1_000, (refusal, why) -> {
            throw new AssertionError(why);
        });
    }

    private EmbeddedChannel last() {
        return dialled.getLast();
    }

    private void receive(byte[] message) {
        last().writeInbound(Unpooled.copiedBuffer(message));
    }

    private void writable(boolean writable) {
        var buffer = last().unsafe().outboundBuffer();
        buffer.setUserDefinedWritability(1, writable);
        last().runPendingTasks();
    }

    /** What was sent since the last call, each as its type and the hex of its body. */
    private List<String> sent() {
        var messages = new ArrayList<String>();
        for (ByteBuf message = last().readOutbound(); message != null; message = last().readOutbound()) {
            var bytes = new byte[message.readableBytes()];
            message.readBytes(bytes).release();
            messages.add(Wire.type(bytes) + " " + Wire.body(bytes));
        }
        return messages;
    }

    private void assertRefused(String error) {
        assertThat(sent()).singleElement().satisfies(message -> {
            var code =
                    Integer.parseInt(message.substring(2, 4), 16) + "/" + Integer.parseInt(message.substring(4, 6), 16);
            assertThat(message).startsWith("3 ");
            assertThat(code).isEqualTo(error);
        });
        assertState("Idle");
        assertThat(session.state().lastError()).startsWith("sent ").contains("(" + error + ")");
        assertThat(last().isOpen()).isFalse();
    }

    private void assertState(String state) {
        assertThat(session.state().state()).isEqualTo(state);
    }

    private static String body(int type) {
        return switch (type) {
            case 2 -> "00000000";
            case 5 -> "00010001";
            default -> "";
        };
    }

    private double drops() {
        return counter("portcullis_bgp_session_drops", "peer", "edge");
    }

    private double notifications(String direction) {
        return counter("portcullis_bgp_notifications", "direction", direction);
    }

    private double counter(String name, String label, String value) {
        return registry.scrape(name::equals).stream()
                .flatMap(snapshot -> ((CounterSnapshot) snapshot).getDataPoints().stream())
                .filter(point -> value.equals(point.getLabels().get(label)))
                .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
                .sum();
    }
}
