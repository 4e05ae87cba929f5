package dev.portcullis.crd.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexSizeTest {
    private static final int MOST_FOR_EACH = 3;
    private static final String[] PIECES = {
        "a",
        "b",
        "\\d",
        "\\pL",
        "\\x{41}",
        "[a-f]",
        "[^]x]",
        "[[:alpha:]_]",
        ".",
        "(",
        "(",
        "(?:",
        "(?i:",
        ")",
        ")",
        "|",
        "*",
        "+",
        "?",
        "{3}",
        "{2,7}",
        "{9,}",
        "{0,40}",
        "\\Qa{9}\\E",
        "^",
        "$",
        "{",
        "é"
    };

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "((a{1000}){1000}){1000} # 10",
                "(?:x[a-z]{0,999}){2}    # 17",
                "(\\pL{500}x?){900}      # 12",
                "((((((((((x{2}){2}){2}){2}){2}){2}){2}){2}){2}){2}) # 47",
            })
    void whatIsTooLargeIsToldWithItsPlace(String regex, int fault) {
        assertThat(RegexSize.fault(regex)).isEqualTo(fault);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TCK-[0-9]{6}-[A-Z]{4}",
                "\\Q((a{1000}){1000}){1000}\\E",
                "[{1000}]{9}",
                "a{1000",
                "(?i)customer-\\w{1,200}@(?:[a-z0-9-]{1,63}\\.){1,4}example\\.com",
                "",
                "\\"
            })
    void whatPeopleWriteIsNot(String regex) {
        assertThat(RegexSize.fault(regex)).isNegative();
    }

    @Test
    void whatPassesIsBuiltSmall() {
        var random = new Random(4);
        var built = 0;
        for (var n = 0; n < 30_000; n++) {
            var text = new StringBuilder();
            for (var pieces = 1 + random.nextInt(14); pieces > 0; pieces--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            if (RegexSize.fault(text.toString()) >= 0) {
                continue;
            }
            try {
                assertThat(Pattern.compile(text.toString()).programSize())
                        .as(text.toString())
                        .isLessThan(MOST_FOR_EACH * RegexSize.MOST);
                built++;
            } catch (PatternSyntaxException e) {
                // Refused for that.
            }
        }
        assertThat(built).isGreaterThan(1_000);
    }
}
