package dev.portcullis.dataplane.firewall.scan.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Eight bytes at once say what eight bytes one by one say. */
class LanesTest {
    private static final int INPUTS = 20_000;

    @Test
    void theFirstLaneThatEqualsOrIsLessIsTheFirstByteThatDoes() {
        var random = new Random(1);
        for (var n = 0; n < INPUTS; n++) {
            var text = bytes(random);
            var c = random.nextInt(0x80);
            var equal = Lanes.equal(Lanes.of(text, 0), c);
            var less = Lanes.less(Lanes.of(text, 0), ' ');
            assertThat(equal == 0 ? 8 : Lanes.first(equal)).isEqualTo(first(text, b -> b == c));
            assertThat(less == 0 ? 8 : Lanes.first(less)).isEqualTo(first(text, b -> b >= 0 && b < ' '));
        }
    }

    @Test
    void everyLetterHasItsBit() {
        var random = new Random(2);
        for (var n = 0; n < INPUTS; n++) {
            var text = bytes(random);
            var bits = Lanes.bits(Lanes.letters(Lanes.of(text, 0)));
            for (var i = 0; i < 8; i++) {
                var letter = text[i] >= 'a' && text[i] <= 'z' || text[i] >= 'A' && text[i] <= 'Z';
                assertThat(bits >> i & 1).as("byte %d", text[i]).isEqualTo(letter ? 1 : 0);
            }
            assertThat(bits).isLessThan(0x100);
        }
    }

    private interface Is {
        boolean of(byte b);
    }

    private static int first(byte[] text, Is what) {
        for (var i = 0; i < text.length; i++) {
            if (what.of(text[i])) {
                return i;
            }
        }
        return text.length;
    }

    private static byte[] bytes(Random random) {
        var text = new byte[8];
        random.nextBytes(text);
        return text;
    }
}
