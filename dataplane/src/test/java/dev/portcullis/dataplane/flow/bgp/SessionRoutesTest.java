package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Policies.amplification;
import static dev.portcullis.dataplane.flow.bgp.Policies.blackhole;
import static dev.portcullis.dataplane.flow.bgp.Policies.rule;
import static dev.portcullis.dataplane.flow.bgp.Wire.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Family;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a session tells its neighbour of, and what it takes back. */
class SessionRoutesTest extends SessionInVirtualTime {
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
}
