package dev.portcullis.dataplane.firewall.scan.coding;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the coding {@code deflate}: zlib (RFC 1950) as RFC 9110 section 8.4.1.2 says, or bare deflate (RFC 1951) as some
 * servers send and every browser takes.
 */
final class DeflateDecoder implements ContentDecoder {
    private static final int DEFLATE = 8;
    private static final int HEADER = 2;

    private final byte[] piece = new byte[PIECE];
    private final ByteBuffer header = ByteBuffer.allocate(HEADER);
    private @Nullable Inflater inflater;

    @Override
    public void decode(ByteBuffer coded, Sink sink) throws CodingException {
        var open = inflater;
        if (open == null) {
            while (header.hasRemaining() && coded.hasRemaining()) {
                header.put(coded.get());
            }
            if (header.hasRemaining()) {
                return;
            }
            open = new Inflater(!zlib());
            inflater = open;
            inflate(open, header.flip(), sink);
        }
        inflate(open, coded, sink);
    }

    private boolean zlib() {
        return (header.get(0) & 0x0f) == DEFLATE && (header.getShort(0) & 0xffff) % 31 == 0;
    }

    private void inflate(Inflater open, ByteBuffer coded, Sink sink) throws CodingException {
        if (!coded.hasRemaining()) {
            return;
        }
        if (open.finished()) {
            throw new CodingException("something stands behind its end");
        }
        open.setInput(coded);
        var before = open.getBytesWritten();
        try {
            int count;
            while ((count = open.inflate(piece)) > 0) {
                before += count;
                sink.take(ByteBuffer.wrap(piece, 0, count));
            }
        } catch (DataFormatException e) {
            // What stands before the break was written, though not returned: whoever receives it reads it too.
            sink.take(ByteBuffer.wrap(piece, 0, (int) (open.getBytesWritten() - before)));
            throw new CodingException("its deflate data is broken");
        }
        if (open.needsDictionary()) {
            throw new CodingException("it needs a dictionary");
        }
        if (open.finished() && coded.hasRemaining()) {
            throw new CodingException("something stands behind its end");
        }
    }

    @Override
    public void end() throws CodingException {
        var open = inflater;
        var empty = open == null && header.position() == 0;
        if (!empty && (open == null || !open.finished())) {
            throw new CodingException("it ends in the middle");
        }
    }

    @Override
    public void close() {
        if (inflater != null) {
            inflater.end();
        }
    }
}
