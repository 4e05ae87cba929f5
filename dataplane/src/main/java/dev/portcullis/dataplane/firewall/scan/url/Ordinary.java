package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.dataplane.firewall.scan.crypto.Chain;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Strings that measure like random ones and are ordinary in URLs: UUIDs, hashes, dates and times, words in a row with at
 * most a short identifier among them, images in base64, Bitcoin addresses with a right checksum.
 */
final class Ordinary {
    private static final Pattern SHAPE = Pattern.compile(
            "\\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}}?"
                    + "|(?:(?:md5|sha1|sha224|sha256|sha384|sha512)[-:=])?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})"
                    + "|\\d{4}-?\\d\\d-?\\d\\d(?:[T_ ]?\\d\\d[:-]?\\d\\d(?:[:-]?\\d\\d(?:\\.\\d{1,9})?)?Z?)?",
            Pattern.CASE_INSENSITIVE);

    /** How the first bytes of PNG, JPEG, GIF and WebP read in base64. */
    private static final Pattern IMAGE = Pattern.compile("(?:iVBORw0KGg|/9j/|_9j_|R0lGOD|UklGR).*", Pattern.DOTALL);

    private static final int LONGEST_SHAPE = 140;
    private static final int LONGEST_ADDRESS = 90;

    /** Characters of a word beyond which it has to have vowels as words do. */
    private static final int LONG_WORD = 8;

    /** Characters that are no words, at most, beside at least as many that are: a slug and its identifier. */
    private static final int IDENTIFIER = 24;

    private Ordinary() {}

    static boolean looks(byte[] part) {
        if (part.length <= LONGEST_SHAPE
                && SHAPE.matcher(new String(part, StandardCharsets.ISO_8859_1)).matches()) {
            return true;
        }
        if (part.length <= LONGEST_ADDRESS && Chain.BTC.valid(new String(part, StandardCharsets.ISO_8859_1))) {
            return true;
        }
        return words(part)
                || IMAGE.matcher(new String(part, StandardCharsets.ISO_8859_1)).matches();
    }

    /** True where {@code part} is mostly words and numbers, joined by anything that is no letter or digit. */
    private static boolean words(byte[] part) {
        var strange = 0;
        var known = 0;
        var start = 0;
        for (var i = 0; i <= part.length; i++) {
            if (i == part.length || !letterOrDigit(part[i])) {
                if (word(part, start, i)) {
                    known += i - start;
                } else {
                    strange += i - start;
                }
                start = i + 1;
            }
        }
        return strange <= IDENTIFIER && strange <= known;
    }

    /** One or more of: a lower-case or capitalised word, an abbreviation, a number; not changing more often than names do. */
    private static boolean word(byte[] part, int from, int to) {
        var length = to - from;
        if (length <= 3) {
            return true;
        }
        var pieces = 1;
        var vowels = 0;
        var letters = 0;
        for (var i = from; i < to; i++) {
            if (i > from && changes(part[i - 1], part[i])) {
                pieces++;
            }
            if (!digit(part[i])) {
                letters++;
                vowels += "aeiouyAEIOUY".indexOf(part[i]) >= 0 ? 1 : 0;
            }
        }
        if (letters == 0) {
            return true;
        }
        var spoken = letters < LONG_WORD || (vowels * 5 >= letters && vowels * 3 <= letters * 2);
        return spoken && pieces * 4 <= length + 3;
    }

    /** True where a new piece starts: a capital after a small letter, or a digit beside a letter. */
    private static boolean changes(byte before, byte now) {
        return digit(before) != digit(now) || (!upper(before) && !digit(before) && upper(now));
    }

    private static boolean digit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean upper(byte b) {
        return b >= 'A' && b <= 'Z';
    }

    private static boolean letterOrDigit(byte b) {
        return digit(b) || upper(b) || (b >= 'a' && b <= 'z');
    }
}
