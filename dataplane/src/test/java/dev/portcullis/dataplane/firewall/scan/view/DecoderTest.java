package dev.portcullis.dataplane.firewall.scan.view;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecoderTest {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    @Test
    void base64IsWhatItStandsForAtEveryAlignment() {
        var random = new Random(5);
        for (var round = 0; round < 2_000; round++) {
            var bytes = new byte[random.nextInt(100)];
            random.nextBytes(bytes);
            var shift = random.nextInt(4);
            var text = ("xyz".substring(0, Math.min(3, shift))
                            + Base64.getEncoder().encodeToString(bytes))
                    .getBytes();
            var out = new byte[text.length];
            var length = Decoder.BASE64.decode(text, Math.min(3, shift), text.length, out);
            assertArrayEquals(bytes, Arrays.copyOf(out, length));
        }
    }

    /** Line breaks, dashes of the other alphabet, escapes and what is in no alphabet, wherever they stand. */
    @Test
    void whatIsNotInTheAlphabetIsLeftOutWhereverItStands() {
        var random = new Random(6);
        var between = new String[] {"", "", "", "\r\n", "\\n", "=", ".", "\\", "é"};
        for (var round = 0; round < 20_000; round++) {
            var text = new StringBuilder();
            var plain = new StringBuilder();
            for (var i = 0; i < 60; i++) {
                var mark = between[random.nextInt(8) == 0 ? random.nextInt(between.length) : 0];
                text.append(mark);
                var c = ALPHABET.charAt(random.nextInt(64));
                text.append(random.nextBoolean() ? c : c == '+' ? '-' : c == '/' ? '_' : c);
                if (!mark.equals("\\")) {
                    plain.append(c);
                }
            }
            var expected = Base64.getDecoder().decode(plain.substring(0, plain.length() / 4 * 4));
            var in = text.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            var out = new byte[in.length];
            var length = Decoder.BASE64.decode(in, 0, in.length, out);
            assertEquals(plain.length() * 6 / 8, length);
            assertArrayEquals(expected, Arrays.copyOf(out, expected.length), text.toString());
        }
    }
}
