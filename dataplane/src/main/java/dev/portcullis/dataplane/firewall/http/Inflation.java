package dev.portcullis.dataplane.firewall.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.compression.JdkZlibDecoder;
import io.netty.handler.codec.compression.ZlibWrapper;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a gzip or deflate body for the scan while the original goes on. Works in slices, so that even the densest input
 * decodes to at most about a megabyte at a time, and gives up on a body that is smaller than its text by a factor above
 * {@value #RATIO}. Belongs to one event loop.
 */
final class Inflation {
    private static final int RATIO = 200;
    private static final long FREE = 1024 * 1024;
    private static final int SLICE = 1024;

    private final EmbeddedChannel decoder;
    private long in;
    private long out;

    private Inflation(ZlibWrapper wrapper) {
        decoder = new EmbeddedChannel(new JdkZlibDecoder(wrapper, 0));
    }

    /** True where {@code coding} is none at all. */
    static boolean isIdentity(@Nullable String coding) {
        return coding == null || coding.isBlank() || coding.trim().equalsIgnoreCase("identity");
    }

    /** A decoder for {@code coding}, or null where there is none. */
    static @Nullable Inflation of(String coding) {
        return switch (coding.trim().toLowerCase(Locale.ROOT)) {
            case "gzip", "x-gzip" -> new Inflation(ZlibWrapper.GZIP);
            case "deflate" -> new Inflation(ZlibWrapper.ZLIB_OR_NONE);
            default -> null;
        };
    }

    /**
     * Decodes {@code bytes}, which keep their reader index.
     *
     * @param text gets each decoded piece and must not keep it
     * @throws DecoderException when they are not what they say, or decode to too much
     */
    void decode(ByteBuf bytes, Consumer<ByteBuf> text) {
        var index = bytes.readerIndex();
        while (index < bytes.writerIndex()) {
            var length = Math.min(SLICE, bytes.writerIndex() - index);
            decoder.writeInbound(bytes.retainedSlice(index, length));
            index += length;
            in += length;
            ByteBuf piece;
            while ((piece = decoder.readInbound()) != null) {
                try {
                    out += piece.readableBytes();
                    text.accept(piece);
                } finally {
                    piece.release();
                }
            }
            if (out > FREE && out / RATIO > in) {
                throw new DecoderException("the body decodes to more than " + RATIO + " times its size");
            }
        }
    }

    /** Releases what it holds. */
    void close() {
        try {
            decoder.finishAndReleaseAll();
        } catch (DecoderException e) {
            // A body that ends too early, or that decode() complained about already: nothing is left to release.
            decoder.releaseInbound();
        }
    }
}
