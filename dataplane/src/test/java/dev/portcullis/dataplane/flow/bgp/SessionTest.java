package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Policies.neighbor;
import static dev.portcullis.dataplane.flow.bgp.Wire.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Bgp;
import dev.portcullis.crd.v1alpha1.TimeSpan;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How sessions open, break and end: the finite state machine of RFC 4271 section 8 in virtual time. */
class SessionTest extends SessionInVirtualTime {
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
    void stoppingBetweenAttemptsEndsThem() {
        refusing = true;
        session.start();
        assertThat(session.stop(Notification.cease(2, "bye"))).isNull();
        time.pass(Duration.ofHours(1));
        assertThat(dialled).hasSize(1);
        assertState("Idle");
    }
}
