package dev.portcullis.dataplane.firewall.scan.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalTest {
    private static final String ALPHABET = "abcdefgh   ABCXYZ@[`{\n\t\r <>!/09~¿";

    @ParameterizedTest
    @CsvSource({
        "PROSE, 'A  B\n C <P>d', 'a b\nc <p>d'",
        "PAGE, 'one<br>two<b>three</b> and more of it', 'one twothree and more of it'",
        "PAGE, 'a &amp;lt;b&gt; &mdash; c &unknown; d and the rest', 'a <b> - c &unknown; d and the rest'",
        "SECRETS, 'A  b \\u0041%42\\x43 and the rest', 'A  b ABC and the rest'",
        "PROSE, 'IGN\u00d6RE \u0410LL OF THESE THINGS', 'ignore all of these things'",
    })
    void reads(Canonical.Mode mode, String text, String meant) {
        assertEquals(meant, read(text.getBytes(StandardCharsets.UTF_8), mode, 0));
    }

    @Test
    void namesAreKnownByAllTheirLetters() {
        assertEquals(
                "&amp &lts; <", read("&amp &lts; &lt;".getBytes(StandardCharsets.US_ASCII), Canonical.Mode.SECRETS, 0));
        assertEquals(
                "<xyz> <bb> b", read("<xyz> <bb> <b>b".getBytes(StandardCharsets.US_ASCII), Canonical.Mode.PAGE, 0));
    }

    /** Eight bytes at a time, or one by one: the same text from the same places, wherever it begins. */
    @Test
    void eightBytesAtATimeSayTheSame() {
        var random = new Random(11);
        for (var round = 0; round < 20_000; round++) {
            var text = new StringBuilder();
            var length = random.nextInt(60);
            var letters = random.nextInt(4);
            while (text.length() < length) {
                text.append(
                        random.nextInt(4) < letters
                                ? (char) ('A' + random.nextInt(26))
                                : ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            }
            // The byte outside ASCII continues a character, and follows none: it stays what it is.
            var bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            var spare = random.nextInt(8);
            assertEquals(text.toString(), latin(bytes, Canonical.Mode.SECRETS, spare));
            assertEquals(collapsed(text.toString()), latin(bytes, Canonical.Mode.PROSE, spare));
        }
    }

    private static String read(byte[] text, Canonical.Mode mode, int before) {
        return new String(bytes(text, mode, before), StandardCharsets.UTF_8);
    }

    private static String latin(byte[] text, Canonical.Mode mode, int before) {
        return new String(bytes(text, mode, before), StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(byte[] text, Canonical.Mode mode, int before) {
        var in = new byte[before + text.length];
        System.arraycopy(text, 0, in, before, text.length);
        var view = new Canonical();
        view.read(in, before, in.length, mode);
        for (var i = 0; i < view.length(); i++) {
            var place = view.map()[i];
            assertTrue(place >= (i == 0 ? before : view.map()[i - 1]) && place < in.length);
        }
        return Arrays.copyOf(view.bytes(), view.length());
    }

    private static String collapsed(String text) {
        var out = new StringBuilder();
        for (var c : text.toCharArray()) {
            var white = c == ' ' || c == '\t' || c == '\n' || c == '\r';
            var line = c == '\n' || c == '\r';
            var last = out.isEmpty() ? 'x' : out.charAt(out.length() - 1);
            if (white && (last == ' ' || last == '\n')) {
                if (line) {
                    out.setCharAt(out.length() - 1, '\n');
                }
            } else {
                out.append(white ? line ? '\n' : ' ' : c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
            }
        }
        return out.toString();
    }
}
