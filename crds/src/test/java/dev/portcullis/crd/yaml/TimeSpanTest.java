package dev.portcullis.crd.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.crd.v1alpha1.TimeSpan;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeSpanTest {
    @ParameterizedTest
    @CsvSource({
        "300ms,300,300ms",
        "90s,90000,1m30s",
        "1h30m,5400000,1h30m",
        "7d,604800000,168h",
        "0s,0,0s",
        "24h,86400000,24h"
    })
    void isReadAndWrittenInTheLargestUnits(String text, long millis, String written) {
        assertThat(TimeSpan.parse(text).toMillis()).isEqualTo(millis);
        assertThat(TimeSpan.parse(text)).hasToString(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "5", "5 s", "-5s", "1.5s", "5S", "5sec", "1h 30m", "999999999999d", "5s\n", "٣s"})
    void whatIsNoDurationIsRefusedWithAnExample(String text) {
        assertThatThrownBy(() -> TimeSpan.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a duration");
    }

    @Test
    void whatIsWrittenIsReadAsTheSame() {
        var random = new Random(3);
        for (var i = 0; i < 1000; i++) {
            var span = new TimeSpan(
                    Duration.ofMillis(random.nextLong(Duration.ofDays(36500).toMillis())));
            assertThat(TimeSpan.parse(span.toString())).isEqualTo(span);
        }
    }
}
