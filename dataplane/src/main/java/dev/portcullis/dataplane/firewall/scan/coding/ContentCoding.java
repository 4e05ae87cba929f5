package dev.portcullis.dataplane.firewall.scan.coding;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The content codings that can be undone (RFC 9110 section 8.4.1, RFC 7932, RFC 8878). */
public enum ContentCoding {
    GZIP,
    DEFLATE,
    BROTLI,
    ZSTD;

    /** The value of Accept-Encoding that asks for nothing else. */
    public static final String ACCEPTED = "gzip, deflate, br, zstd";

    /** Codings one on top of the other that are undone, declared or not. */
    static final int DEEPEST = 4;

    /** Bytes by which {@link #of} knows a coding. */
    static final int MAGIC = 4;

    /** The coding of this name, or null where there is none that can be undone. Case does not matter. */
    public static @Nullable ContentCoding named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "gzip", "x-gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            case "br" -> BROTLI;
            case "zstd" -> ZSTD;
            default -> null;
        };
    }

    /** True for names that stand in Content-Encoding and Accept-Encoding but leave the body readable as it is. */
    public static boolean isPlain(String name) {
        return name.isEmpty() || name.equalsIgnoreCase("identity") || name.equalsIgnoreCase("aws-chunked");
    }

    /**
     * The codings that the values of Content-Encoding name, innermost first; empty where there are none.
     *
     * @return null when one of them cannot be undone, or they are more than {@value #DEEPEST}
     */
    public static @Nullable List<ContentCoding> declared(List<String> values) {
        if (values.isEmpty()) {
            return List.of();
        }
        var codings = new ArrayList<ContentCoding>(2);
        for (var value : values) {
            for (var name : value.split(",")) {
                var trimmed = name.trim();
                if (isPlain(trimmed)) {
                    continue;
                }
                var coding = named(trimmed);
                if (coding == null || codings.size() == DEEPEST) {
                    return null;
                }
                codings.add(coding);
            }
        }
        return codings;
    }

    /** The coding that a body with these first {@value #MAGIC} bytes is in whatever its head says, or null. */
    static @Nullable ContentCoding of(byte[] first, int length) {
        if (length >= 3 && first[0] == 0x1f && first[1] == (byte) 0x8b && first[2] == 8) {
            return GZIP;
        }
        if (length >= MAGIC
                && first[1] == (byte) 0xb5
                && first[2] == 0x2f
                && first[3] == (byte) 0xfd
                && first[0] == 0x28) {
            return ZSTD;
        }
        return null;
    }

    /**
     * A decoder.
     *
     * @throws CodingException where there can be none on this machine
     */
    ContentDecoder decoder() throws CodingException {
        return switch (this) {
            case GZIP -> new GzipDecoder();
            case DEFLATE -> new DeflateDecoder();
            case BROTLI -> new BrotliDecoder();
            case ZSTD -> new ZstdDecoder();
        };
    }
}
