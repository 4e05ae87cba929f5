package dev.portcullis.dataplane.firewall.scan.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Escapes are seen wherever they stand among eight bytes, and quotes of JSON values too. */
class FirstEscapeTest {
    private static final String PLAIN = "the quick brown fox, \t7 of them, jumps over the lazy dog\nand again { } ~ ";

    @Test
    void anEscapeIsSeenAtEveryPlace() {
        for (var escape : List.of(
                "%41",
                "%u0041",
                "&lt;",
                "&#65;",
                "\\u0041",
                "\\x41",
                "\\x{41}",
                "\\U00000041",
                "\u00e9",
                "\u200b",
                "\u0001",
                "\u007f")) {
            for (var at = 0; at < PLAIN.length(); at++) {
                var text = bytes(PLAIN.substring(0, at) + escape + PLAIN.substring(at));
                assertThat(Canonical.firstEscape(text, 0, text.length, false)).isEqualTo(at);
                assertThat(Canonical.firstEscape(text, 0, at, false)).isEqualTo(-1);
            }
        }
    }

    @Test
    void whatPartsWordsEitherWayIsNone() {
        for (var part : List.of("\\n", "\\\"", "% 4", "& ", "100%", "\r")) {
            for (var at = 0; at < PLAIN.length(); at++) {
                var text = bytes(PLAIN.substring(0, at) + part + PLAIN.substring(at));
                assertThat(Canonical.firstEscape(text, 0, text.length, false)).isEqualTo(-1);
            }
        }
    }

    @Test
    void lettersThatAreReadAsThemselvesAreNone() {
        for (var letter : List.of("\u4e2d", "\u044f", "\u3002", "\ud83d\ude00")) {
            for (var at = 0; at < PLAIN.length(); at++) {
                var text = bytes(PLAIN.substring(0, at) + letter + PLAIN.substring(at));
                assertThat(Canonical.firstEscape(text, 0, text.length, false)).isEqualTo(-1);
            }
        }
    }

    @Test
    void aJsonValueEndsAtItsQuoteWhereverThatStands() {
        for (var value : List.of("", "\\\"", "\\\\", "a\\\"b\\n", "\\\\\\\"")) {
            for (var filler = 0; filler < 40; filler++) {
                var whole = "v".repeat(filler) + value + "w".repeat(filler % 9);
                var text = bytes("[\"" + whole + "\",\"z\"]");
                var pieces = new Fragments();
                ValueReader.JSON.read(text, 0, text.length, text.length, false, pieces);
                assertThat(new String(pieces.bytes(), 0, pieces.length(), StandardCharsets.UTF_8))
                        .isEqualTo(whole + "z");
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
