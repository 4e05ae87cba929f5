package dev.portcullis.dataplane.flow.bgp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** The timers of a session (RFC 4271 section 10) and the pauses between attempts, in virtual time. */
class SessionTimersTest extends SessionInVirtualTime {
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
}
