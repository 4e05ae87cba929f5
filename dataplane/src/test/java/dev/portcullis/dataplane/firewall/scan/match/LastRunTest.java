package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run is kept whole only where giving back cannot help. */
class LastRunTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "(?:gh_[A-Za-z0-9_]{36,255}) (?:gh_[A-Za-z0-9_]{36,255}+)",
                "(?:k=(?<secret>[a-f0-9]{8,})) (?:k=(?<secret>[a-f0-9]{8,}+))",
                "(?:k[A-z]{2,5}) (?:k[A-z]{2,5})",
                "(?:k[a-z.]{2,5}) (?:k[a-z.]{2,5})",
                "(?:k[a-z]{2,5}=) (?:k[a-z]{2,5}=)",
                "(?:k[a-z]{5}) (?:k[a-z]{5})",
                "(?:k\\[a-z]{2,5}) (?:k\\[a-z]{2,5})",
                "(?:k[^a-z]{2,5}) (?:k[^a-z]{2,5})"
            })
    void whereTheRunIsOfTokenCharactersAndTheTokenEnds(String before, String after) {
        assertThat(LastRun.kept(before + LastRun.TOKEN_ENDS)).isEqualTo(after + LastRun.TOKEN_ENDS);
        assertThat(LastRun.kept(before)).isEqualTo(before);
    }
}
