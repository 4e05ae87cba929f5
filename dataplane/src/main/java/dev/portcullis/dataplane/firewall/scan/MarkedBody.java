package dev.portcullis.dataplane.firewall.scan;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A body whose first bytes say whether it is UTF-16 or UTF-32, and so read in that way too, or only as it stands. */
final class MarkedBody implements BodyScan {
    private static final int FIRST = 4;

    private final Supplier<BodyScan> plain;
    private final @Nullable Charset charset;
    private final byte[] first = new byte[FIRST];
    private int count;
    private @Nullable BodyScan scan;

    /**
     * A scan.
     *
     * @param plain opens the scan of text
     * @param charset what the Content-Type says, where that is no superset of ASCII
     */
    MarkedBody(Supplier<BodyScan> plain, @Nullable Charset charset) {
        this.plain = plain;
        this.charset = charset;
    }

    @Override
    public void feed(ByteBuffer bytes) {
        var open = scan;
        if (open == null) {
            while (count < FIRST && bytes.hasRemaining()) {
                first[count++] = bytes.get();
            }
            if (count < FIRST) {
                return;
            }
            open = open();
        }
        open.feed(bytes);
    }

    @Override
    public void finish() {
        var open = scan;
        (open == null ? open() : open).finish();
    }

    @Override
    public long clean() {
        return scan == null ? 0 : scan.clean();
    }

    @Override
    public List<Finding> findings() {
        return scan == null ? List.of() : scan.findings();
    }

    private BodyScan open() {
        var chosen = choose();
        scan = chosen;
        chosen.feed(ByteBuffer.wrap(first, 0, count));
        return chosen;
    }

    private BodyScan choose() {
        var marked = marked();
        var read = marked != null ? marked : charset;
        return read == null ? plain.get() : new BothReadings(new TranscodedBody(plain.get(), read), plain.get());
    }

    /** What a byte order mark, or JSON's first two characters being ASCII (RFC 4627 section 3), says. */
    private @Nullable Charset marked() {
        var a = count > 0 ? first[0] & 0xff : 1;
        var b = count > 1 ? first[1] & 0xff : 1;
        var c = count > 2 ? first[2] & 0xff : 1;
        var d = count > 3 ? first[3] & 0xff : 1;
        if (a == 0xff && b == 0xfe) {
            return c == 0 && d == 0 && count == FIRST ? Charset.forName("UTF-32LE") : StandardCharsets.UTF_16LE;
        }
        if (a == 0xfe && b == 0xff) {
            return StandardCharsets.UTF_16BE;
        }
        if (a == 0 && b == 0) {
            return (c == 0 && d != 0) || (c == 0xfe && d == 0xff) ? Charset.forName("UTF-32BE") : null;
        }
        if (a != 0 && b == 0) {
            return c == 0 && d == 0 ? Charset.forName("UTF-32LE") : c != 0 && d == 0 ? StandardCharsets.UTF_16LE : null;
        }
        return a == 0 && c == 0 && d != 0 ? StandardCharsets.UTF_16BE : null;
    }
}
