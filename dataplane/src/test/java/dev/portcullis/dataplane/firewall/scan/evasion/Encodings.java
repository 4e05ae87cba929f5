package dev.portcullis.dataplane.firewall.scan.evasion;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** The ways of writing a text that the corpus is made of. */
final class Encodings {
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private Encodings() {}

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] in(String charset, String text) {
        return text.getBytes(Charset.forName(charset));
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(utf8(text));
    }

    static String base64Url(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(utf8(text));
    }

    static byte[] zip(byte[] bytes) {
        var out = new ByteArrayOutputStream();
        try (var zip = new java.util.zip.ZipOutputStream(out)) {
            zip.putNextEntry(new java.util.zip.ZipEntry("a.txt"));
            zip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static byte[] zlib(byte[] bytes) {
        var out = new ByteArrayOutputStream();
        try (var zlib = new java.util.zip.DeflaterOutputStream(out)) {
            zlib.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static String hex(String text) {
        return HexFormat.of().formatHex(utf8(text));
    }

    static String base32(String text) {
        var bytes = utf8(text);
        var out = new StringBuilder();
        var held = 0L;
        var bits = 0;
        for (var b : bytes) {
            held = held << 8 | b & 0xff;
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                out.append(BASE32.charAt((int) (held >> bits) & 31));
            }
        }
        if (bits > 0) {
            out.append(BASE32.charAt((int) (held << 5 - bits) & 31));
        }
        return out.toString();
    }

    static String percent(String text) {
        return each(text, c -> "%%%02X".formatted(c));
    }

    static String each(String text, IntFunction<String> spelling) {
        return text.chars().mapToObj(spelling).collect(Collectors.joining());
    }

    /** Every {@code step}th character is written as {@code spelling} says. */
    static String some(String text, int step, IntFunction<String> spelling) {
        var out = new StringBuilder();
        for (var i = 0; i < text.length(); i++) {
            out.append(i % step == 1 ? spelling.apply(text.charAt(i)) : String.valueOf(text.charAt(i)));
        }
        return out.toString();
    }

    static String fullWidth(String text) {
        return each(text, c -> Character.toString(c > ' ' && c < 0x7f ? c + 0xFEE0 : c));
    }

    /** Letters that have a Cyrillic or Greek twin are written with it. */
    static String lookAlike(String text) {
        var latin = "aeopcxyABEHKMOPCTXihs";
        var twins = "аеорсхуАВЕНКМОРСТХіһѕ";
        return each(text, c -> {
            var at = latin.indexOf(c);
            return String.valueOf(at < 0 ? (char) c : twins.charAt(at));
        });
    }

    static byte[] gzip(byte[] bytes) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** {@code text} in {@code count} pieces of about the same length. */
    static List<String> cut(String text, int count) {
        var pieces = new ArrayList<String>();
        for (var i = 0; i < count; i++) {
            pieces.add(text.substring(text.length() * i / count, text.length() * (i + 1) / count));
        }
        return pieces;
    }

    static List<String> everyLetter(String text) {
        return text.chars().mapToObj(Character::toString).toList();
    }
}
