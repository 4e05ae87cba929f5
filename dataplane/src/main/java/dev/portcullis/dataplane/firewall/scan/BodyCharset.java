package dev.portcullis.dataplane.firewall.scan;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The character set that a Content-Type names (RFC 9110 section 8.3.2).
 *
 * @param name as written, in lower case; empty where none is named
 * @param readable false where text in it says something else than its bytes read as ASCII and it is not decoded either
 * @param decoder what decodes it, or null where its bytes can be read as they stand
 */
record BodyCharset(String name, boolean readable, @Nullable Charset decoder) {
    private static final int LONGEST_NAME = 40;

    static BodyCharset of(String contentType) {
        var name = parameter(contentType);
        if (name.isEmpty()) {
            return new BodyCharset("", true, null);
        }
        if (name.startsWith("utf-16") || name.startsWith("utf-32") || name.equals("ucs-2") || name.equals("unicode")) {
            return decoded(name);
        }
        return new BodyCharset(name, keepsAscii(name), null);
    }

    private static BodyCharset decoded(String name) {
        try {
            return new BodyCharset(
                    name,
                    true,
                    Charset.forName(
                            switch (name) {
                                case "ucs-2", "unicode" -> "utf-16";
                                default -> name;
                            }));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return new BodyCharset(name, false, null);
        }
    }

    /** True for sets in which the bytes of ASCII mean ASCII and nothing else does, by the names of the IANA registry. */
    private static boolean keepsAscii(String name) {
        return switch (name) {
            case "utf-8",
                    "utf8",
                    "us-ascii",
                    "ascii",
                    "latin1",
                    "shift_jis",
                    "shift-jis",
                    "sjis",
                    "x-sjis",
                    "windows-31j",
                    "euc-jp",
                    "euc-kr",
                    "ks_c_5601-1987",
                    "cp949",
                    "gbk",
                    "gb2312",
                    "gb18030",
                    "big5",
                    "big5-hkscs",
                    "koi8-r",
                    "koi8-u",
                    "tis-620",
                    "macintosh",
                    "x-mac-cyrillic",
                    "x-user-defined" -> true;
            default ->
                name.startsWith("iso-8859-")
                        || name.startsWith("iso8859-")
                        || name.startsWith("windows-125")
                        || name.startsWith("cp125")
                        || name.equals("windows-874")
                        || name.equals("ibm866")
                        || name.equals("cp866");
        };
    }

    private static String parameter(String contentType) {
        var at = contentType.toLowerCase(Locale.ROOT).indexOf("charset");
        if (at < 0) {
            return "";
        }
        var start = at + "charset".length();
        while (start < contentType.length() && contentType.charAt(start) == ' ') {
            start++;
        }
        if (start >= contentType.length() || contentType.charAt(start) != '=') {
            return "";
        }
        var value = contentType.substring(start + 1);
        var end = value.indexOf(';');
        return (end < 0 ? value : value.substring(0, end))
                .replace("\"", "")
                .replace("'", "")
                .trim()
                .toLowerCase(Locale.ROOT);
    }

    /** The name as a message may quote it. */
    String quoted() {
        return name.length() <= LONGEST_NAME && name.chars().allMatch(c -> c > ' ' && c < 0x7f)
                ? name
                : "(unprintable)";
    }
}
