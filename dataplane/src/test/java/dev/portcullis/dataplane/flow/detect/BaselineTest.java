package dev.portcullis.dataplane.flow.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BaselineTest {
    private static final Instant MONDAY = Instant.parse("2026-11-23T00:00:00Z");
    private static final BaselineSettings SETTINGS =
            new BaselineSettings(3, Duration.ofHours(1), Duration.ofMinutes(10), true, new double[] {100, 1e6, 100});

    private final Baseline baseline = new Baseline();
    private Instant now = MONDAY;

    private void learn(Duration time, double packets) {
        for (var end = now.plus(time); now.isBefore(end); now = now.plusSeconds(10)) {
            baseline.learn(new double[] {packets, packets * 8000, packets / 10}, 10, SETTINGS, now.toEpochMilli(), now);
        }
    }

    @Test
    void whatIsUsualIsTheMean() {
        learn(Duration.ofHours(3), 1000);

        assertThat(baseline.normal(0, SETTINGS, now)).isBetween(999.0, 1001.0);
        assertThat(baseline.normal(1, SETTINGS, now)).isBetween(7.9e6, 8.1e6);
        assertThat(baseline.normal(2, SETTINGS, now)).isBetween(99.0, 101.0);
    }

    @Test
    void anOldRateCountsHalfAfterTheHalfLife() {
        learn(Duration.ofMinutes(30), 1000);
        learn(Duration.ofHours(1), 2000);

        // Within the second hour of the day no hour is known yet that would hold it.
        assertThat(baseline.normal(
                        0,
                        new BaselineSettings(3, Duration.ofHours(1), Duration.ofMinutes(10), false, new double[3]),
                        now))
                .isBetween(1450.0, 1550.0);
    }

    @Test
    void anAttackerWhoStaysBelowTheLimitTeachesLittleInOneHalfLife() {
        learn(Duration.ofMinutes(50), 1000);
        for (var end = now.plusSeconds(3600); now.isBefore(end); now = now.plusSeconds(10)) {
            var justBelow = baseline.normal(0, SETTINGS, now) * 3;
            baseline.learn(new double[] {justBelow, 1, 1}, 10, SETTINGS, now.toEpochMilli(), now);
        }

        // The factor less one, times the logarithm of 2 each half-life.
        assertThat(baseline.normal(0, SETTINGS, now)).isLessThan(1000 * Math.pow(2, 3 - 1) * 1.05);
    }

    @Test
    void anAttackerWhoTakesAWeekIsHeldByTheSameHourOfTheWeekBefore() {
        learn(Duration.ofDays(7), 1000);
        for (var end = now.plus(Duration.ofDays(7)).minusSeconds(60); now.isBefore(end); now = now.plusSeconds(10)) {
            var justBelow = baseline.normal(0, SETTINGS, now) * 3;
            baseline.learn(new double[] {justBelow, 1, 1}, 10, SETTINGS, now.toEpochMilli(), now);
            assertThat(baseline.normal(0, SETTINGS, now)).isLessThanOrEqualTo(1000 * Baseline.HOUR_BAND * 1.01);
        }
    }

    @Test
    void aBusyHourIsUsualWhereItWasBusyTheWeekBefore() {
        learn(Duration.ofHours(9), 1000);
        learn(Duration.ofHours(1), 10_000);
        learn(Duration.ofDays(7).minusHours(1), 1000);

        // The first Monday was learned with caution: a jump to ten times counts three times what was usual at each
        // moment.
        assertThat(baseline.normal(0, SETTINGS, now) * SETTINGS.factor())
                .as("limit on Monday at nine")
                .isGreaterThan(10_000);
        assertThat(baseline.normal(0, SETTINGS, now.minusSeconds(7200)))
                .as("Monday at seven")
                .isBetween(900.0, 2000.0);
    }

    @Test
    void whatWasLearnedIsReadBack() throws IOException {
        learn(Duration.ofDays(8), 1000);
        var bytes = new ByteArrayOutputStream();
        baseline.write(new DataOutputStream(bytes));

        var read = Baseline.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

        assertThat(read.normal(0, SETTINGS, now)).isEqualTo(baseline.normal(0, SETTINGS, now));
        assertThat(read.lastSeen()).isEqualTo(baseline.lastSeen());
        assertThat(read.warm(SETTINGS)).isTrue();
    }

    @Test
    void damagedBytesAreRefusedWhereverTheyEnd() throws IOException {
        learn(Duration.ofDays(8), 1000);
        var bytes = new ByteArrayOutputStream();
        baseline.write(new DataOutputStream(bytes));
        for (var length = 0; length < bytes.size(); length += 7) {
            var cut = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray(), 0, length));
            assertThatThrownBy(() -> Baseline.read(cut)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aFileOfAnotherVersionOrWithAbsurdCountsTeachesNothing() {
        var detector = new Detector();
        for (var bytes :
                new byte[][] {{}, {0, 0, 0, 1, 0, 0, 0, 1}, {0, 0, 0, 2, 127, 0, 0, 0}, {0, 0, 0, 2, -1, 0, 0, 0}}) {
            assertThatThrownBy(() -> detector.readBaselines(new DataInputStream(new ByteArrayInputStream(bytes))))
                    .isInstanceOf(IOException.class);
        }
        assertThat(detector.baselines()).isZero();
    }
}
