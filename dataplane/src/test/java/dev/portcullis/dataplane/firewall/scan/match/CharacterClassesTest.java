package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CharacterClassesTest {
    @ParameterizedTest
    @CsvSource({
        "[a-f_],[abcdef_]",
        "[^0-3A-C],[^0123ABC]",
        "a-f[x-z]a-f,a-f[xyz]a-f",
        "[a-c&&[^b-b]],[abc&&[^b]]",
        "\\d[\\d-],\\d[0123456789-]"
    })
    void rangesAreWrittenOutInClassesOnly(String regex, String written) {
        assertThat(CharacterClasses.writtenOut(regex)).isEqualTo(written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[\\x41-\\x5A]",
                "[\\x41-Z]",
                "[\\u0041-\\u005A]",
                "[\\p{Alpha}-z]",
                "[+--]",
                "[a-]",
                "[-a]",
                "[\\w-z]",
                "\\Q[a-z]\\E",
                "[\\cA-Z]",
                "[!-~]",
                "\\d{2,3}-x",
                "[",
                "\\",
                "[a-"
            })
    void everythingElseStays(String regex) {
        assertThat(CharacterClasses.writtenOut(regex)).isEqualTo(regex);
    }

    @Test
    void whatIsWrittenOutMatchesTheSame() {
        var random = new SplittableRandom(11);
        for (var expressions = 0; expressions < 20_000; expressions++) {
            var regex = regex(random);
            var flags = Pattern.DOTALL | (random.nextBoolean() ? Pattern.CASE_INSENSITIVE : 0);
            var plain = Pattern.compile(regex, flags);
            var written = Pattern.compile(CharacterClasses.writtenOut(regex), flags);
            for (var texts = 0; texts < 10; texts++) {
                var text = text(random);
                assertThat(matches(written, text)).as("%s in %s", regex, text).isEqualTo(matches(plain, text));
            }
        }
    }

    private static String regex(SplittableRandom random) {
        String[] members = {
            "a-z",
            "A-Z",
            "0-9",
            "a-f",
            "Q-T",
            "3-7",
            "_",
            "\\-",
            ".",
            "\\w",
            "\\x61-\\x66",
            "\\d",
            "!-/",
            "\u00c0-\u00ff",
            "[b-d]",
            "&&[a-m]",
            "k",
            "s",
            "\\p{Lu}",
            "\\-z",
            " ",
            "\\s",
            "\\W"
        };
        var regex = new StringBuilder();
        for (var classes = 1 + random.nextInt(3); classes > 0; classes--) {
            regex.append('[').append(random.nextInt(4) == 0 ? "^" : "");
            for (var count = 1 + random.nextInt(4); count > 0; count--) {
                regex.append(members[random.nextInt(members.length)]);
            }
            regex.append(random.nextBoolean() ? "]" : "]{1,3}");
        }
        return regex.toString();
    }

    private static String text(SplittableRandom random) {
        var text = new StringBuilder();
        for (var length = random.nextInt(24); length > 0; length--) {
            text.append((char) random.nextInt(256));
        }
        return text.toString();
    }

    private static List<String> matches(Pattern pattern, String text) {
        var found = new ArrayList<String>();
        var matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.start() + "-" + matcher.end());
        }
        return found;
    }
}
