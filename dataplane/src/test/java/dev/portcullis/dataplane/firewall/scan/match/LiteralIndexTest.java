package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The filter hides no literal and invents none. */
class LiteralIndexTest {
    private static final String FEW = "abAB-_1";

    @Test
    void whatTheIndexReportsIsWhatASearchForEachLiteralFinds() {
        var random = new Random(4);
        var found = 0;
        for (var round = 0; round < 400; round++) {
            var literals = new ArrayList<byte[]>();
            var exact = new boolean[12];
            for (var n = 0; n < exact.length; n++) {
                literals.add(text(random, 2 + random.nextInt(9)));
                exact[n] = random.nextBoolean();
            }
            var index = LiteralIndex.of(
                    literals,
                    exact,
                    (literal, next) -> FEW.indexOf(next[next.length - 1]) >= 0,
                    new SecondWords[literals.size()]);
            for (var n = 0; n < 40; n++) {
                var text = text(random, random.nextInt(120));
                var from = random.nextInt(text.length + 1);
                var to = from + random.nextInt(text.length - from + 1);
                var length = to + random.nextInt(text.length - to + 1);
                var hits = new ArrayList<String>();
                index.scan(text, from, to, length, (literal, start) -> hits.add(start + ":" + literal));
                var expected = plain(literals, exact, text, from, to, length);
                assertThat(hits).containsExactlyInAnyOrderElementsOf(expected);
                found += expected.size();
            }
        }
        assertThat(found).isGreaterThan(10_000);
    }

    private static List<String> plain(
            List<byte[]> literals, boolean[] exact, byte[] text, int from, int to, int length) {
        var all = new ArrayList<String>();
        var string = new String(text, 0, length, StandardCharsets.ISO_8859_1);
        var lower = string.toLowerCase(Locale.ROOT);
        for (var start = from; start < to; start++) {
            for (var n = 0; n < exact.length; n++) {
                var literal = new String(literals.get(n), StandardCharsets.ISO_8859_1);
                if (exact[n]
                        ? string.startsWith(literal, start)
                        : lower.startsWith(literal.toLowerCase(Locale.ROOT), start)) {
                    all.add(start + ":" + n);
                }
            }
        }
        return all;
    }

    private static byte[] text(Random random, int length) {
        var text = new byte[length];
        for (var i = 0; i < length; i++) {
            text[i] = (byte) FEW.charAt(random.nextInt(FEW.length()));
        }
        return text;
    }
}
