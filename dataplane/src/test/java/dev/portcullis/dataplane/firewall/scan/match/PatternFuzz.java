package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Fuzz target of users' own expressions: up to a NUL the expression, then a text. Every match holds what it must. */
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
        if (regex.length() > LONGEST || text.length() > 4 * LONGEST) {
            return;
        }
        Pattern pattern;
        try {
            pattern = Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            return;
        }
        var matcher = pattern.matcher(text);
        while (literal != null && matcher.find()) {
            assertThat(matcher.group().toLowerCase(Locale.ROOT)).contains(literal.toLowerCase(Locale.ROOT));
        }
    }
}
