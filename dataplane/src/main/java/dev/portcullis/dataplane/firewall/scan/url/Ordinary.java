package dev.portcullis.dataplane.firewall.scan.url;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Strings that look random and are ordinary in URLs: UUIDs, hex hashes of 32, 40 and 64 digits, dates and times. */
final class Ordinary {
    private static final Pattern SHAPE = Pattern.compile(
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}"
                    + "|\\d{4}-?\\d\\d-?\\d\\d(?:[T_ ]?\\d\\d[:-]?\\d\\d(?:[:-]?\\d\\d(?:\\.\\d{1,9})?)?Z?)?",
            Pattern.CASE_INSENSITIVE);

    private Ordinary() {}

    static boolean looks(byte[] part) {
        return part.length <= 64
                && SHAPE.matcher(new String(part, StandardCharsets.ISO_8859_1)).matches();
    }
}
