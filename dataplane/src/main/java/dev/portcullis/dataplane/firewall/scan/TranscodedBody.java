package dev.portcullis.dataplane.firewall.scan;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** A body in a character set that is not a superset of ASCII, scanned as UTF-8. */
final class TranscodedBody extends DerivedBody {
    private static final int CHARS = 4096;

    private final CharsetDecoder decoder;
    private final CharBuffer chars = CharBuffer.allocate(CHARS);

    /** Bytes of a character whose rest has not come yet. */
    private final ByteBuffer pending = ByteBuffer.allocate(16);

    TranscodedBody(BodyScan inner, Charset charset) {
        super(inner, charset.name().toLowerCase(java.util.Locale.ROOT));
        decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
    }

    @Override
    void decode(ByteBuffer bytes) {
        while (pending.position() > 0 && bytes.hasRemaining()) {
            pending.put(bytes.get()).flip();
            run(pending, false);
            pending.compact();
        }
        run(bytes, false);
        pending.put(bytes);
    }

    @Override
    void close() {
        pending.flip();
        run(pending, true);
        decoder.flush(chars);
        drain();
    }

    private void run(ByteBuffer bytes, boolean last) {
        do {
            var result = decoder.decode(bytes, chars, last);
            drain();
            if (result.isUnderflow()) {
                return;
            }
        } while (bytes.hasRemaining());
    }

    private void drain() {
        chars.flip();
        if (chars.hasRemaining()) {
            pass(StandardCharsets.UTF_8.encode(chars));
        }
        chars.clear();
    }
}
