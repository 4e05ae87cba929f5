package dev.portcullis.dataplane.firewall.scan.seed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.view.ByteClasses;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Words begin and end in the same places whether the classes of their bytes are known or not. */
class SeedWordsTest {
    private static final String[] PIECES = {
        "abandon",
        "a",
        " ",
        ", ",
        "\\n",
        "\\\\",
        "\": \"",
        "\u00e9t\u00e9",
        "\u4e2d",
        "\u3000",
        "\u00a0",
        "12345678",
        "................",
        "x".repeat(70)
    };

    @Test
    void wordsAreTheSameWithClassesAndWithout() {
        var random = new Random(5);
        var classes = new ByteClasses();
        for (var n = 0; n < 2_000; n++) {
            var pieces = new StringBuilder();
            for (var k = random.nextInt(50); k >= 0; k--) {
                pieces.append(PIECES[random.nextInt(PIECES.length - random.nextInt(2))]);
            }
            var text = pieces.toString().getBytes(StandardCharsets.UTF_8);
            var length = text.length;
            var from = random.nextInt(length);
            classes.read(text, from, from + random.nextInt(length - from), length);
            for (var at = 0; at < length; at++) {
                assertThat(SeedWords.next(text, at, length, classes)).isEqualTo(SeedWords.next(text, at, length));
                var start = SeedWords.next(text, at, length);
                if (start >= 0) {
                    assertThat(SeedWords.end(text, start, length, classes))
                            .isEqualTo(SeedWords.end(text, start, length));
                    assertThat(SeedWords.previous(text, start, length, classes))
                            .isEqualTo(SeedWords.previous(text, start, length));
                }
            }
        }
    }
}
