package dev.portcullis.dataplane.firewall.scan.coding;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.DecoderJNI;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Decodes Brotli (RFC 7932). Its window, at most 16 MiB, is native memory. */
final class BrotliDecoder implements ContentDecoder {
    private static final int INPUT = 16 * 1024;

    private final DecoderJNI.Wrapper decoder;
    private boolean begun;
    private boolean closed;

    /**
     * A decoder.
     *
     * @throws CodingException where its library is not there or has no memory
     */
    BrotliDecoder() throws CodingException {
        if (!Brotli4jLoader.isAvailable()) {
            throw new CodingException("this machine has no Brotli library");
        }
        try {
            decoder = new DecoderJNI.Wrapper(INPUT);
        } catch (IOException e) {
            throw new CodingException("no Brotli decoder can be made");
        }
    }

    @Override
    public void decode(ByteBuffer coded, Sink sink) throws CodingException {
        while (coded.hasRemaining()) {
            begun = true;
            if (decoder.getStatus() == DecoderJNI.Status.DONE) {
                throw new CodingException("something stands behind its end");
            }
            var input = decoder.getInputBuffer();
            input.clear();
            var count = Math.min(input.remaining(), coded.remaining());
            input.put(coded.slice(coded.position(), count));
            coded.position(coded.position() + count);
            decoder.push(count);
            drain(sink);
        }
    }

    private void drain(Sink sink) throws CodingException {
        while (true) {
            switch (decoder.getStatus()) {
                case NEEDS_MORE_OUTPUT -> sink.take(decoder.pull());
                case OK -> decoder.push(0);
                case NEEDS_MORE_INPUT, DONE -> {
                    if (!decoder.hasOutput()) {
                        return;
                    }
                    sink.take(decoder.pull());
                }
                case ERROR -> throw new CodingException("its Brotli data is broken");
            }
        }
    }

    @Override
    public void end() throws CodingException {
        if (begun && decoder.getStatus() != DecoderJNI.Status.DONE) {
            throw new CodingException("it ends in the middle");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            decoder.destroy();
        }
    }
}
