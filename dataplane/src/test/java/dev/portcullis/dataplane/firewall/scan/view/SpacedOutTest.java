package dev.portcullis.dataplane.firewall.scan.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The quick look at sixteen bytes answers as counting one by one does. */
class SpacedOutTest {
    private static final String MADE_OF = "aZ0x_-  ,:.<\u00e9\n9b";

    @Test
    void aLookCountsAsOneByOne() {
        var random = new Random(3);
        var dense = 0;
        for (var n = 0; n < 100_000; n++) {
            var words = 1 + random.nextInt(6);
            var text = new StringBuilder();
            while (text.length() < 24) {
                for (var i = random.nextInt(words); i >= 0; i--) {
                    text.append((char) ('a' + random.nextInt(26)));
                }
                text.append(MADE_OF.charAt(random.nextInt(MADE_OF.length())));
            }
            var bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            var expected = counted(bytes, 3);
            dense += expected ? 1 : 0;
            assertThat(SpacedOut.dense(bytes, 3)).as(text.toString()).isEqualTo(expected);
        }
        assertThat(dense).isBetween(10_000, 90_000);
    }

    private static boolean counted(byte[] in, int at) {
        var pieces = 0;
        var prefixes = 0;
        var letters = 0;
        var pairs = 0;
        var run = 0;
        for (var i = at; i < at + 16; i++) {
            if (in[i] >= 0 && Character.isLetterOrDigit(in[i]) || in[i] == '_' || in[i] == '-') {
                run++;
            } else if (run > 0) {
                pieces++;
                pairs += run == 2 ? 1 : 0;
                run = 0;
            }
            prefixes += in[i] == 'x' ? 1 : 0;
            letters += in[i] >= 'A' ? 1 : 0;
        }
        return pieces >= 4 && (letters > 0 || pairs >= 3) || prefixes >= 2;
    }
}
