package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlausibleTest {
    private static final Check PLAUSIBLE = new Plausible(2.5);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "your-token-goes-here",
                "your_api_key_1234",
                "xxxxxxxxxxxxxxxxxxxx",
                "sk-xxxxxxxxxxxxxxxx-abc",
                "EXAMPLE_KEY_PLEASE_CHANGE",
                "${SECRET_FROM_THE_VAULT}",
                "user:${PASSWORD}@db",
                "<your key>",
                "{{ secrets.TOKEN }}",
                "$DATABASE_PASSWORD",
                "dummy-password-for-the-tests",
                "insert-your-key-here-please",
                "AKIAIOSFODNN7EXAMPLE",
                "wJalrXUtnFEMI%2FK7MDENG%2FbPxRfiCYEXAMPLEKEY"
            })
    void whatStandsForAnotherValueIsAPlaceholder(String value) {
        assertThat(accepts(value)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exampleKGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi3",
                "KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi3dummy",
                "postgres://admin:S3cr3tPassw0rd99@db.example.com:5432/app",
                "a8Kd03mZqLw7RtYx1VbNc5insertGhJ2PsEf9UoIi4",
                "a8Kd03mZ<qLw7RtYx1VbNc5GhJ2PsEf9",
                "a8Kd03mZqLw7RtYx000000000VbNc5GhJ2PsEf9U"
            })
    void aGeneratedValueIsASecretWhateverWordStandsInOrBesideIt(String value) {
        assertThat(accepts(value)).isTrue();
    }

    private static boolean accepts(String value) {
        var bytes = value.getBytes(StandardCharsets.US_ASCII);
        return PLAUSIBLE.accepts(bytes, 0, bytes.length, bytes.length);
    }
}
