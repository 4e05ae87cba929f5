package dev.portcullis.dataplane.firewall.scan.evasion;

import static dev.portcullis.dataplane.firewall.scan.evasion.Encodings.*;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One way to get a secret out: how it is written and where it is put. Text that a parser would give back to the
 * receiver as the secret, or that plain concatenation would.
 */
public enum Transformation {
    // Nested encodings.
    PLAIN(s -> Sample.body("text/plain", "note " + s + " end")),
    BASE64(s -> json(base64(s))),
    BASE64_URL_SAFE(s -> Sample.path("a?d=" + base64Url(s))),
    BASE64_IN_PATH(s -> Sample.path("files/" + base64Url("id=" + s) + "/view")),
    BASE64_THREE_TIMES(s -> json(base64(base64(base64(s))))),
    BASE64_OF_HEX(s -> json(base64(hex(s)))),
    HEX_OF_BASE64(s -> json(hex(base64(s)))),
    HEX(s -> Sample.path("a?d=" + hex(s))),
    HEX_UPPER(s -> Sample.path("a?d=" + hex(s).toUpperCase(java.util.Locale.ROOT))),
    HEX_WITH_COLONS(s -> json(String.join(":", cut(hex(s), s.length())))),
    HEX_WITH_SPACES(s -> json(String.join(" ", cut(hex(s), s.length())))),
    HEX_ESCAPES(s -> Sample.body("text/plain", "printf '" + each(s, c -> "\\x%02x".formatted(c)) + "'")),
    HEX_WITH_PREFIXES(s -> Sample.body("text/plain", "[" + each(s, c -> "0x%02x, ".formatted(c)) + "]")),
    LONG_UNICODE_ESCAPES(s -> Sample.body("text/x-python", "k = \"" + each(s, c -> "\\U%08x".formatted(c)) + "\"\n")),
    BRACED_HEX_ESCAPES(s -> Sample.body("text/x-perl", "$k = \"" + each(s, c -> "\\x{%x}".formatted(c)) + "\";\n")),
    PERCENT_U(s -> Sample.body("text/plain", "unescape('" + each(s, c -> "%%u%04x".formatted(c)) + "')")),
    PERCENT_U_IN_A_QUERY(s -> Sample.path("a?d=" + each(s, c -> "%%u%04X".formatted(c)))),
    OCTAL_ESCAPES(s -> Sample.body("text/plain", "printf '" + each(s, c -> "\\%03o".formatted(c)) + "'")),
    BRACED_ESCAPES(s -> Sample.body("text/plain", "x = \"" + each(s, c -> "\\u{%x}".formatted(c)) + "\"")),
    CHARACTER_CODES(s -> Sample.body("text/plain", "k = String.fromCharCode(" + codes(s, ",") + ");")),
    CHARACTER_CODES_ADDED(s -> Sample.body("text/x-python", "k = chr(" + codes(s, ")+chr(") + ")\n")),
    CHARACTER_CODES_ONE_CALL_EACH(
            s -> Sample.body("text/plain", "k = String.fromCharCode(" + codes(s, ") + String.fromCharCode(") + ");")),
    CHARACTER_CODES_CAST(s -> Sample.body("text/plain", "var k = \"\" + (char)" + codes(s, " + (char)") + ";")),
    CHARACTER_CODES_IN_SQL(s -> Sample.body("text/plain", "select CHAR(" + codes(s, ") || CHAR(") + ")")),
    CHARACTER_CODES_IN_LINES(s -> Sample.body("text/csv", "code\r\n" + codes(s, "\r\n") + "\r\n")),
    CHARACTER_CODES_IN_A_QUERY(s -> Sample.path("a?d=" + codes(s, "-"))),
    BYTES_IN_JSON(s -> Sample.body("application/json", "{\"type\":\"Buffer\",\"data\":[" + codes(s, ",") + "]}")),
    DECIMAL_ESCAPES(s -> Sample.body("text/x-lua", "local k = \"\\" + codes(s, "\\") + "\"\n")),
    ONE_NUMBER(s -> Sample.body(
            "application/json", "{\"n\": " + new java.math.BigInteger(1, utf8(s)) + ", \"m\": 9007199254740993}")),
    ONE_NUMBER_LAST_BYTE_FIRST(s -> form("n="
            + new java.math.BigInteger(1, utf8(new StringBuilder(s).reverse().toString())))),
    BASE64_IN_HTML_ENTITIES(s -> Sample.body("text/html", "<p>" + each(base64(s), c -> "&#%d;".formatted(c)) + "</p>")),
    ZIP(s -> Sample.bytes("application/zip", zip(utf8("note " + s)))),
    BASE32(s -> json(base32(s))),
    BASE32_LOWER(s -> json(base32(s).toLowerCase(java.util.Locale.ROOT))),
    BASE64_WRAPPED(s -> Sample.body(
            "application/x-pem-file",
            java.util.Base64.getMimeEncoder().encodeToString(utf8("x".repeat(70) + " " + s + " " + "y".repeat(70))))),
    BASE64_IN_A_JSON_STRING_IN_JSON(
            s -> Sample.body("application/json", "{\"a\":\"{\\\"b\\\":\\\"" + base64("t " + s) + "\\\"}\"}")),
    PERCENT(s -> Sample.path("a?d=" + percent(s))),
    PERCENT_FIVE_TIMES(s -> Sample.path("a?d=" + percent(s).replace("%", "%25252525"))),
    PERCENT_LOWER_IN_BODY(s -> form("d=" + percent(s).toLowerCase(java.util.Locale.ROOT))),
    BASE64_OF_PERCENT(s -> json(base64(percent(s)))),
    ZLIB_IN_BASE64(s -> json(java.util.Base64.getEncoder().encodeToString(zlib(utf8("note " + s))))),
    ZLIB_IN_BASE64_IN_A_QUERY(
            s -> Sample.path("a?d=" + java.util.Base64.getUrlEncoder().encodeToString(zlib(utf8("note " + s))))),
    ZLIB_IN_HEX(s -> json(java.util.HexFormat.of().formatHex(zlib(utf8("note " + s))))),
    DATA_URL(s -> json("data:text/plain;base64," + base64(s))),

    // Host names.
    HOST_LABELS_HEX(s -> Sample.url("http://" + labels(hex(s)) + ".origin.test/")),
    HOST_LABELS_BASE32(
            s -> Sample.url("http://" + labels(base32(s).toLowerCase(java.util.Locale.ROOT)) + ".origin.test/")),
    HOST_LABEL_AS_IT_IS(
            s -> Sample.url("http://" + (s.matches("[A-Za-z0-9._-]+") ? s : labels(hex(s))) + ".origin.test/")),
    USER_INFORMATION(s -> Sample.url("http://" + percent(s) + "@origin.test/")),

    // Splits.
    TWO_PARAMETERS(
            s -> Sample.path("a?x=" + cut(s, 2).get(0) + "&y=" + cut(s, 2).get(1))),
    SIX_PARAMETERS(s -> Sample.path("a?" + parameters(cut(s, 6)))),
    NAMES_OF_PARAMETERS(s -> Sample.path("a?" + String.join("=1&", cut(percentOf(s), 3)) + "=1")),
    NAMES_WITHOUT_VALUES(s -> Sample.path("a?" + String.join("&", cut(percentOf(s), 3)))),
    PARAMETERS_IN_ANOTHER_ORDER(s -> Sample.path("a?p3=" + cut(s, 3).get(2) + "&p1="
            + cut(s, 3).get(0) + "&p2=" + cut(s, 3).get(1))),
    PATH_SEGMENTS(s -> Sample.path(String.join("/", cut(s, 4)))),
    FORM_FIELDS(s -> form(parameters(cut(s, 3)))),
    FORM_FIELDS_WITHIN_THE_PREFIX(s -> form("a=" + s.substring(0, 2) + "&b=" + s.substring(2))),
    JSON_MEMBERS(s -> members(cut(s, 3))),
    JSON_MEMBERS_WITHIN_THE_PREFIX(s -> members(List.of(s.substring(0, 2), s.substring(2)))),
    JSON_ARRAY_OF_LETTERS(s -> Sample.body("application/json", "[\"" + String.join("\", \"", everyLetter(s)) + "\"]")),
    JSON_OBJECTS_IN_AN_ARRAY(
            s -> Sample.body("application/json", "[{\"v\":\"" + String.join("\"},\n {\"v\":\"", cut(s, 4)) + "\"}]")),
    TWO_HEADERS(s -> Sample.headers(
            ordered("Authorization", cut(s, 2).get(0), "X-Api-Key", cut(s, 2).get(1)))),
    HEADER_BASIC(s -> Sample.headers(Map.of("Authorization", "Basic " + base64("user:" + s)))),
    COOKIES(s -> Sample.headers(
            Map.of("Cookie", "a=" + cut(s, 2).get(0) + "; b=" + cut(s, 2).get(1)))),
    CHUNKS_OF_ONE_BYTE(s -> Sample.parts(
            "text/plain",
            everyLetter("some text before " + s + " and after").stream()
                    .map(Encodings::utf8)
                    .toList())),
    ACROSS_WINDOWS(s -> Sample.body("text/plain", "lorem ipsum ".repeat(2000) + "12345 " + s + " dolor".repeat(3000))),
    SERVER_SENT_EVENTS(s -> Sample.parts(
            "text/event-stream",
            cut(s, 3).stream()
                    .map(piece -> utf8("event: delta\ndata: " + piece + "\n\n"))
                    .toList())),
    WEBSOCKET_MESSAGES(s -> Sample.parts(
            "application/octet-stream", cut(s, 3).stream().map(Encodings::utf8).toList())),
    WEBSOCKET_JSON_MESSAGES(s -> Sample.parts(
            "application/json",
            cut(s, 3).stream()
                    .map(piece -> utf8("{\"seq\": 1, \"chunk\": \"" + piece + "\"}\n"))
                    .toList())),
    CODE_CONCATENATION(s -> Sample.body("text/x-python", "key = \"" + String.join("\" + \"", cut(s, 4)) + "\"\n")),
    SPACED_LETTERS(s -> Sample.body("text/plain", "the key: " + String.join(" ", everyLetter(s)) + " ok")),
    DASHED_PAIRS(s -> json(String.join(".", cut(s, s.length() / 2)))),
    LINES(s -> Sample.body("text/plain", "key\n" + String.join("\n", cut(s, 5)) + "\nend\n")),

    PROTOCOL_BUFFERS(
            s -> Sample.bytes("application/x-protobuf", joined(new byte[] {0x0a, (byte) s.length()}, utf8(s)))),
    MESSAGE_PACK(s -> Sample.bytes(
            "application/msgpack",
            joined(new byte[] {(byte) 0x81, (byte) 0xa1, 'k', (byte) 0xd9, (byte) s.length()}, utf8(s)))),
    THRIFT(s ->
            Sample.bytes("application/x-thrift", joined(new byte[] {11, 0, 1, 0, 0, 0, (byte) s.length()}, utf8(s)))),

    // Letters.
    ZERO_WIDTH(s -> json(some(s, 3, c -> "\u200b" + (char) c))),
    SOFT_HYPHENS(s -> json(some(s, 2, c -> "\u00ad" + (char) c))),
    TAG_CHARACTERS(s -> json("x " + each(s, c -> Character.toString(0xE0000 + c)))),
    VARIATION_SELECTORS(s -> json(each(s, c -> (char) c + "\ufe0f"))),
    COMBINING_MARKS(s -> json(some(s, 4, c -> (char) c + "\u0301"))),
    FULL_WIDTH(s -> json(fullWidth(s))),
    LOOK_ALIKES(s -> json(lookAlike(s))),
    CONTROL_CHARACTERS(s -> Sample.body("text/plain", some(s, 5, c -> "\u0000" + (char) c + "\u0008"))),

    // Syntax.
    JSON_ESCAPES(s -> json(each(s, c -> "\\u%04x".formatted(c)))),
    JSON_ESCAPES_TWICE(s -> json(each(s, c -> "\\\\u%04x".formatted(c)))),
    JSON_DUPLICATE_KEYS(
            s -> Sample.body("application/json", "{\"a\": 1, \"v\": \"" + s + "\", \"b\": 2, \"v\": \"harmless\"}")),
    JSON_KEY(s -> Sample.body("application/json", "{\"" + s + "\": true}")),
    JSON_DEEP(s -> Sample.body("application/json", "{\"a\":".repeat(3000) + "\"" + s + "\"" + "}".repeat(3000))),
    JSON_BROKEN(s -> Sample.body("application/json", "{\"a\": [\"" + s + "\", }")),
    NDJSON(s -> Sample.body("application/x-ndjson", "{\"a\":1}\n{\"a\":\"" + s + "\"}\n")),
    HTML_ENTITIES(s -> Sample.body("text/html", "<p>" + each(s, c -> "&#%d;".formatted(c)) + "</p>")),
    HTML_ENTITIES_HEX(s -> Sample.body("text/html", "<p>" + each(s, c -> "&#x%x;".formatted(c)) + "</p>")),
    HTML_COMMENTS(s -> Sample.body("text/html", "<p>" + String.join("<!-- -->", cut(s, 4)) + "</p>")),
    XML_ELEMENTS(s -> Sample.body("application/xml", "<a><b>" + String.join("</b><b>", cut(s, 3)) + "</b></a>")),
    CDATA(s -> Sample.body("application/xml", "<a><![CDATA[" + String.join("]]><![CDATA[", cut(s, 3)) + "]]></a>")),
    C_COMMENTS(s -> Sample.body("text/plain", "x = " + String.join("/* */", cut(s, 3)) + ";")),
    MULTIPART(s -> multipart("form-data; name=\"f\"", "", s)),
    MULTIPART_FILE_NAME(s -> multipart("form-data; name=\"f\"; filename=\"" + s + ".txt\"", "", "nothing")),
    MULTIPART_BASE64(s -> multipart("form-data; name=\"f\"", "Content-Transfer-Encoding: base64\r\n", base64(s))),
    MULTIPART_QUOTED_PRINTABLE(s -> multipart(
            "form-data; name=\"f\"",
            "Content-Transfer-Encoding: quoted-printable\r\n",
            some(s, 2, c -> "=%02X".formatted(c)).replaceFirst("(.{20})", "$1=\r\n"))),
    MULTIPART_PARTS(s -> Sample.body(
            "multipart/form-data; boundary=xyz",
            "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
                    + String.join(
                            "\r\n--xyz\r\nContent-Disposition: form-data; name=\"b\"\r\nContent-Type: text/plain\r\n\r\n",
                            cut(s, 3))
                    + "\r\n--xyz--\r\n")),
    MULTIPART_EPILOGUE(s ->
            Sample.body("multipart/form-data; boundary=xyz", "preamble\r\n--xyz\r\n\r\nx\r\n--xyz--\r\nepilogue " + s)),
    MULTIPART_WITHOUT_BOUNDARY(s -> Sample.body("multipart/form-data", "--q\r\n\r\n" + s + "\r\n--q--")),

    // Compression and character sets.
    GZIP(s -> Sample.coded("text/plain", "gzip", gzip(utf8("note " + s)))),
    GZIP_WITHOUT_LABEL(s -> Sample.bytes("application/octet-stream", gzip(utf8("note " + s)))),
    GZIP_IN_GZIP(s -> Sample.coded("text/plain", "gzip", gzip(gzip(utf8("note " + s))))),
    GZIP_IN_GZIP_IN_GZIP(s -> Sample.bytes("application/gzip", gzip(gzip(gzip(utf8("note " + s)))))),
    GZIP_LABELLED_TWICE(s -> Sample.coded("text/plain", "gzip, gzip", gzip(gzip(utf8(s))))),
    GZIP_IN_BASE64(s -> json(java.util.Base64.getEncoder().encodeToString(gzip(utf8("note " + s))))),
    GZIP_IN_MULTIPART(s -> {
        var head = utf8("--xyz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.gz\"\r\n\r\n");
        var tail = utf8("\r\n--xyz--\r\n");
        return Sample.parts("multipart/form-data; boundary=xyz", List.of(head, gzip(utf8("note " + s)), tail));
    }),
    UNKNOWN_CODING(s -> Sample.coded("text/plain", "x-secret", utf8(s)), "compression"),
    BROKEN_GZIP(s -> Sample.coded("text/plain", "gzip", utf8(s)), "compression"),
    UTF_16(s -> Sample.bytes("application/json; charset=utf-16", in("UTF-16", "{\"é\":\"" + s + "\"}"))),
    UTF_16_LITTLE(s -> Sample.bytes("text/plain; charset=UTF-16LE", in("UTF-16LE", "clé " + s))),
    UTF_16_WITHOUT_LABEL(s -> Sample.bytes("", in("UTF-16LE", "\ufeffключ " + s))),
    ASCII_LABELLED_UTF_16(s -> Sample.bytes("text/plain; charset=utf-16", utf8("key " + s))),
    ASCII_MARKED_UTF_16(s -> Sample.bytes("text/plain", in("ISO-8859-1", "\u00ff\u00fekey " + s))),
    ASCII_BEGINNING_AS_UTF_16(s -> Sample.bytes("", in("ISO-8859-1", "a\0b\0 " + s))),
    UTF_32(s -> Sample.bytes("text/plain; charset=\"utf-32\"", in("UTF-32", "钥匙 " + s))),
    UTF_7(s -> Sample.bytes("text/plain; charset=utf-7", utf8(some(s, 4, c -> "+" + utf7(c) + "-"))), "parser"),
    EBCDIC(s -> Sample.bytes("text/plain; charset=IBM037", in("IBM037", s)), "parser"),
    ISO_2022(s -> Sample.bytes("text/plain; charset=iso-2022-jp", utf8(s)), "parser"),
    UNKNOWN_CHARSET(
            s -> Sample.bytes("text/plain; charset=klingon", utf8(each(s, c -> "" + (char) (c + 1)))), "parser");

    private final Function<String, Sample> writing;
    private final String refusedBy;

    Transformation(Function<String, Sample> writing) {
        this(writing, "");
    }

    Transformation(Function<String, Sample> writing, String refusedBy) {
        this.writing = writing;
        this.refusedBy = refusedBy;
    }

    /** What is sent to get {@code secret} out. */
    public Sample of(String secret) {
        return writing.apply(secret);
    }

    /** The scanner that says why it cannot be read, or an empty string where the secret itself is found. */
    public String refusedBy() {
        return refusedBy;
    }

    private static Sample json(String value) {
        return Sample.body("application/json", "{\"id\": 7, \"text\": \"" + value + "\", \"next\": null}");
    }

    private static Sample form(String body) {
        return Sample.body("application/x-www-form-urlencoded", body);
    }

    private static Sample members(List<String> pieces) {
        var out = new StringBuilder("{\"count\": 3");
        for (var i = 0; i < pieces.size(); i++) {
            out.append(", \"part")
                    .append(i)
                    .append("\": \"")
                    .append(pieces.get(i))
                    .append('"');
        }
        return Sample.body("application/json", out.append("}").toString());
    }

    private static String parameters(List<String> pieces) {
        var out = new ArrayList<String>();
        for (var piece : pieces) {
            out.add((char) ('p' + out.size()) + "="
                    + java.net.URLEncoder.encode(piece, java.nio.charset.StandardCharsets.UTF_8));
        }
        return String.join("&", out);
    }

    private static String labels(String text) {
        return String.join(".", cut(text, text.length() / 50 + 1));
    }

    private static Sample multipart(String disposition, String headers, String content) {
        return Sample.body(
                "multipart/form-data; boundary=xyz",
                "--xyz\r\nContent-Disposition: " + disposition + "\r\n" + headers + "\r\n" + content
                        + "\r\n--xyz--\r\n");
    }

    private static Map<String, String> ordered(String... pairs) {
        var map = new LinkedHashMap<String, String>();
        for (var i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private static String codes(String text, String between) {
        return text.chars().mapToObj(Integer::toString).collect(java.util.stream.Collectors.joining(between));
    }

    private static byte[] joined(byte[] head, byte[] text) {
        var all = java.util.Arrays.copyOf(head, head.length + text.length);
        System.arraycopy(text, 0, all, head.length, text.length);
        return all;
    }

    /** What a query cannot carry as it stands is percent-encoded. */
    private static String percentOf(String text) {
        return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
    }

    private static String utf7(int c) {
        return java.util.Base64.getEncoder().withoutPadding().encodeToString(new byte[] {(byte) (c >> 8), (byte) c});
    }
}
