package dev.portcullis.dataplane.firewall.scan.coding;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** Makes compressed bodies. */
public final class Coded {
    private Coded() {}

    /** {@code plain} in the coding that Content-Encoding calls {@code coding}; "raw-deflate" is deflate without zlib's frame. */
    public static byte[] of(String coding, byte[] plain) {
        var packed = new ByteArrayOutputStream();
        try (var out = stream(coding, packed)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private static OutputStream stream(String coding, OutputStream to) throws IOException {
        return switch (coding) {
            case "gzip" -> new GZIPOutputStream(to);
            case "deflate" -> new DeflaterOutputStream(to);
            case "raw-deflate" -> new DeflaterOutputStream(to, new Deflater(Deflater.BEST_COMPRESSION, true));
            case "br" -> {
                Brotli4jLoader.ensureAvailability();
                yield new BrotliOutputStream(to);
            }
            case "zstd" -> new ZstdOutputStream(to);
            default -> throw new IllegalArgumentException(coding);
        };
    }
}
