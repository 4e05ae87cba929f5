package dev.portcullis.dataplane.firewall.http;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Targets as they may go over the wire: RFC 3986 knows ASCII alone, and what else clients write is meant as bytes of UTF-8. */
final class Ascii {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Ascii() {}

    /** {@code target}, each of whose characters is a byte as it came, with those beyond ASCII percent-encoded. */
    static String target(String target) {
        return encoded(target, StandardCharsets.ISO_8859_1);
    }

    /** {@code url}, whose characters are text, with those beyond ASCII percent-encoded in UTF-8. */
    static String url(String url) {
        return encoded(url, StandardCharsets.UTF_8);
    }

    private static String encoded(String text, Charset charset) {
        var plain = 0;
        while (plain < text.length() && text.charAt(plain) < 0x80) {
            plain++;
        }
        if (plain == text.length()) {
            return text;
        }
        var encoded = new StringBuilder(text.length() + 16).append(text, 0, plain);
        for (var value : text.substring(plain).getBytes(charset)) {
            if (value >= 0) {
                encoded.append((char) value);
            } else {
                encoded.append('%').append(HEX.toHexDigits(value));
            }
        }
        return encoded.toString();
    }
}
