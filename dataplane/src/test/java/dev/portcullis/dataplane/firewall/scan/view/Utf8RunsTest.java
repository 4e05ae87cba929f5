package dev.portcullis.dataplane.firewall.scan.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8RunsTest {
    @Test
    void findsWhatALookAtEveryPlaceFinds() {
        var random = new Random(3);
        var seen = new boolean[2];
        for (var round = 0; round < 50_000; round++) {
            var bytes = bytes(random, random.nextInt(80), random.nextInt(7));
            var from = random.nextInt(bytes.length + 1);
            var expected = everywhere(bytes, from);
            seen[expected >= 0 ? 1 : 0] = true;
            assertEquals(expected, Utf8Runs.first(bytes, from, bytes.length), () -> Arrays.toString(bytes));
        }
        assertTrue(seen[0] && seen[1]);
    }

    /** The shortest known value has eight bytes, and one of them is written with at least one more. */
    @Test
    void aSecretInNoiseIsReadWhereverItStandsAndHoweverItIsEscaped() {
        var random = new Random(4);
        for (var hidden : new String[] {
            "pa%737w0r",
            "p\u0430s57w0r",
            "pa\\s57w0r",
            "p\0as57w0r",
            "&#112;as57w0r",
            "p\u200bas57w0r",
            "\uff50as57w0r",
            "p\0a\0s\0005\0007\0w\0000\0r\0",
            "pa%2573%357w0r",
            "p&shy;as57w0r",
            "\u017fecretkey"
        }) {
            var text = hidden.getBytes(StandardCharsets.UTF_8);
            var alone = new Canonical();
            alone.read(text, 0, text.length, Canonical.Mode.SECRETS);
            var secret = Arrays.copyOf(alone.bytes(), alone.length());
            for (var at = 0; at <= 96 - text.length; at++) {
                var noise = bytes(random, 96, 3);
                System.arraycopy(text, 0, noise, at, text.length);
                var view = new Canonical();
                view.readTexts(noise, noise.length);
                var found = -1;
                for (var i = 0; i + secret.length <= view.length() && found < 0; i++) {
                    found = Arrays.equals(view.bytes(), i, i + secret.length, secret, 0, secret.length) ? i : -1;
                }
                assertTrue(found >= 0, hidden + " at " + at + " of " + Arrays.toString(noise));
                assertTrue(view.map()[found] <= at + 6 && view.map()[found] >= at - 6);
            }
        }
    }

    private static byte[] bytes(Random random, int length, int high) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        for (var i = 0; i < bytes.length; i++) {
            if (random.nextInt(6) >= high) {
                bytes[i] &= 0x7f;
            }
        }
        return bytes;
    }

    private static int everywhere(byte[] bytes, int first) {
        for (var from = first; from + Utf8Runs.LEAST <= bytes.length; from++) {
            if (Utf8Runs.end(bytes, from, bytes.length) >= from + Utf8Runs.LEAST) {
                return from;
            }
        }
        return Utf8Runs.NONE;
    }
}
