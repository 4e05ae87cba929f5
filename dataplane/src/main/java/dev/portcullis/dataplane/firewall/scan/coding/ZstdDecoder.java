package dev.portcullis.dataplane.firewall.scan.coding;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Decodes Zstandard (RFC 8878), every frame of it, with a window of at most 8 MiB as RFC 9659 asks of the content coding.
 * The window is native memory.
 */
final class ZstdDecoder implements ContentDecoder {
    private static final int WINDOW_LOG = 23;

    private final Feed feed = new Feed();
    private final byte[] piece = new byte[PIECE];
    private final ZstdInputStreamNoFinalizer stream;
    private boolean begun;

    /**
     * A decoder.
     *
     * @throws CodingException where its library is not there or has no memory
     */
    ZstdDecoder() throws CodingException {
        try {
            stream = new ZstdInputStreamNoFinalizer(feed);
            stream.setContinuous(true);
            stream.setLongMax(WINDOW_LOG);
        } catch (IOException | LinkageError e) {
            throw new CodingException("this machine has no Zstandard library");
        }
    }

    @Override
    public void decode(ByteBuffer coded, Sink sink) throws CodingException {
        begun |= coded.hasRemaining();
        feed.coded = coded;
        try {
            drain(sink);
        } finally {
            feed.coded = Feed.NOTHING;
        }
    }

    private void drain(Sink sink) throws CodingException {
        try {
            int count;
            while ((count = stream.read(piece, 0, piece.length)) >= 0) {
                sink.take(ByteBuffer.wrap(piece, 0, count));
            }
        } catch (ZstdIOException e) {
            throw new CodingException("its Zstandard data is broken, or needs a window above 8 MiB");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void end() throws CodingException {
        if (begun) {
            try {
                // No longer continuous, the stream tells an end between frames from one inside.
                stream.setContinuous(false);
                stream.read(piece, 0, piece.length);
            } catch (IOException e) {
                throw new CodingException("it ends in the middle");
            }
        }
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is at hand of the body, as the stream that the library wants to read. */
    private static final class Feed extends InputStream {
        private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

        private ByteBuffer coded = NOTHING;

        @Override
        public int read() {
            return coded.hasRemaining() ? coded.get() & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (!coded.hasRemaining()) {
                return -1;
            }
            var count = Math.min(length, coded.remaining());
            coded.get(into, offset, count);
            return count;
        }

        @Override
        public int available() {
            return coded.remaining();
        }
    }
}
