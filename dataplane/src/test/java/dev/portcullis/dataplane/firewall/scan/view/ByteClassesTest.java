package dev.portcullis.dataplane.firewall.scan.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Each class of bytes is what its sentence says, wherever the bytes stand and whatever was read before. */
class ByteClassesTest {
    private static final String PIECES =
            "ab Z09 _-+/ \\n \\\\n \\u0041 \\\" \" %41 % &lt; \u00e9 \u4e2d \u044f \t\r\n \u0001 \u007f 1234567890 xyz \\";

    private final Random random = new Random(11);
    private final ByteClasses classes = new ByteClasses();

    @Test
    void everyBitIsWhatItsByteIs() {
        for (var n = 0; n < 2_000; n++) {
            var text = text();
            var length = random.nextInt(text.length + 1);
            var from = random.nextInt(length + 1);
            var to = from + random.nextInt(length - from + 1);
            classes.read(text, from, to, length);
            assertThat(classes.begin()).isLessThanOrEqualTo(from).isEqualTo(from / 64 * 64);
            assertThat(classes.end()).isBetween(Math.min(length, to + 64), length);
            for (var at = classes.begin(); at <= classes.end(); at++) {
                for (var k = 0; k < 64; k++) {
                    var seen = at + k < classes.end();
                    var i = seen ? at + k : 0;
                    var b = seen ? text[i] : 0;
                    assertThat(has(ByteClasses.WORD, at, k))
                            .isEqualTo(seen && letter(b) && !(i > 0 && Escapes.letter(text, i)));
                    assertThat(has(ByteClasses.TOKEN, at, k))
                            .isEqualTo(seen && (letter(b) || digit(b) || b == '_' || b == '-'));
                    assertThat(has(ByteClasses.DIGIT, at, k)).isEqualTo(seen && digit(b));
                    assertThat(has(ByteClasses.HIGH, at, k)).isEqualTo(seen && b < 0);
                    assertThat(has(ByteClasses.BACKSLASH, at, k)).isEqualTo(seen && b == '\\');
                    assertThat(has(ByteClasses.QUOTE, at, k)).isEqualTo(seen && b == '"');
                }
            }
        }
    }

    @Test
    void theFirstEscapeIsTheSameWithClassesAndWithout() {
        for (var n = 0; n < 2_000; n++) {
            var text = text();
            var length = random.nextInt(text.length + 1);
            var from = random.nextInt(length + 1);
            classes.read(text, from, from + random.nextInt(length - from + 1), length);
            for (var at = from; at <= length; at++) {
                assertThat(Canonical.firstEscape(text, at, length, false, classes))
                        .isEqualTo(Canonical.firstEscape(text, at, length, false));
                assertThat(Canonical.firstEscape(text, at, length, true, classes))
                        .isEqualTo(Canonical.firstEscape(text, at, length, true));
            }
        }
    }

    private boolean has(int which, int at, int bit) {
        return (classes.from(which, at) >>> bit & 1) != 0;
    }

    private static boolean letter(byte b) {
        return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z';
    }

    private static boolean digit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Some hundred bytes, of which some stand for something. */
    private byte[] text() {
        var pieces = PIECES.getBytes(StandardCharsets.UTF_8);
        var text = new byte[random.nextInt(300)];
        for (var i = 0; i < text.length; i++) {
            text[i] = switch (random.nextInt(8)) {
                case 0 -> (byte) random.nextInt(256);
                case 1 -> (byte) (random.nextBoolean() ? '\\' : 'n');
                case 2 -> ' ';
                default -> pieces[(i + random.nextInt(3)) % pieces.length];
            };
        }
        return text;
    }
}
