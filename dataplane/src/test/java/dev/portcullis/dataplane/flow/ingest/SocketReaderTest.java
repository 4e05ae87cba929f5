package dev.portcullis.dataplane.flow.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketReaderTest {
    private static final int EIGHT_MIB = 8 << 20;
    private static final long MILLI = 1_000_000;

    @Test
    void aSilentSocketIsLeftAloneForTheLongestTime() {
        assertThat(SocketReader.restNanos(EIGHT_MIB, 0, 10 * MILLI)).isEqualTo(25 * MILLI);
    }

    @Test
    void aSmallBufferIsNeverLeftAloneForLong() {
        assertThat(SocketReader.restNanos(425_984, 0, 10 * MILLI)).isEqualTo(2 * MILLI);
    }

    @ParameterizedTest
    @CsvSource({"3500, 1464", "13_333, 1464", "14_300, 1400", "57_200, 1400", "200_000, 1400", "400_000, 200"})
    void atNoPaceDoesAnEighthOfTheBufferFillMeanwhile(String datagramsASecond, int length) {
        var bytes = Integer.parseInt(datagramsASecond.replace("_", "")) * (length + 2048L);

        var rest = SocketReader.restNanos(EIGHT_MIB, bytes, 1_000 * MILLI);

        assertThat(rest).isBetween(2 * MILLI, 25 * MILLI);
        assertThat(bytes / 1e9 * rest).isLessThanOrEqualTo(rest == 2 * MILLI ? EIGHT_MIB / 4.0 : EIGHT_MIB / 8.0);
    }
}
