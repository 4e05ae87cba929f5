package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.portcullis.crd.resolve.RegexSize;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Fuzz target of users' own expressions: up to a NUL the expression, then a text. What is not too large is built small, and every match holds what it must. */
public final class PatternFuzz {
    private static final int LONGEST = 200;

    private PatternFuzz() {}

    /** Tries one expression on one text. */
    public static void run(byte[] input) {
        var all = new String(input, StandardCharsets.ISO_8859_1);
        var end = all.indexOf('\0');
        var regex = end < 0 ? all : all.substring(0, end);
        var text = end < 0 ? all : all.substring(end + 1);
        var literal = RequiredLiteral.of(regex);
        if (regex.length() > LONGEST || text.length() > 4 * LONGEST || RegexSize.fault(regex) >= 0) {
            return;
        }
        Pattern pattern;
        try {
            pattern = Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            return;
        }
        assertThat(pattern.programSize()).isLessThan(3 * RegexSize.MOST);
        var matcher = pattern.matcher(text);
        while (literal != null && matcher.find()) {
            assertThat(matcher.group().toLowerCase(Locale.ROOT)).contains(literal.toLowerCase(Locale.ROOT));
        }
    }
}
