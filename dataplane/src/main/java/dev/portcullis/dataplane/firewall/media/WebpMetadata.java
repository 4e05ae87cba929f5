package dev.portcullis.dataplane.firewall.media;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Blanks EXIF, XMP and every chunk that is not needed to show it in a WebP image (RFC 9649): since the first bytes say how
 * long the whole is, such a chunk becomes one of zeros that readers skip. What lies behind the image is dropped.
 */
final class WebpMetadata extends MetadataFilter {
    private static final int HEADER = 12;
    private static final int CHUNK = 8;
    private static final int EXTENDED = 10;
    private static final int EXIF_AND_XMP = 0x0c;
    private static final Set<String> FIRST = Set.of("VP8 ", "VP8L", "VP8X");
    private static final Set<String> SHOWN = Set.of("VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP");

    private boolean begun;
    private boolean image;
    private long left;

    WebpMetadata() {
        super(HEADER);
    }

    @Override
    Fate decide() throws MalformedMediaException {
        if (!begun) {
            begun = true;
            left = little(4) - 4;
            if (left < CHUNK) {
                throw new MalformedMediaException("it says it is empty");
            }
            need = CHUNK;
            return Fate.KEEP;
        }
        var type = new String(head, 0, 4, StandardCharsets.ISO_8859_1);
        var size = little(4);
        var extended = type.equals("VP8X");
        if (extended && size != EXTENDED || !image && !FIRST.contains(type)) {
            throw new MalformedMediaException("its header is missing or of a wrong size");
        }
        if (extended && need == CHUNK) {
            need = CHUNK + EXTENDED;
            return Fate.MORE;
        }
        image = true;
        var padded = Math.min(size + (size & 1), left - CHUNK);
        if (padded < size) {
            throw new MalformedMediaException("a chunk is longer than the image");
        }
        left -= CHUNK + padded;
        last = left == 0;
        if (!last && left < CHUNK) {
            throw new MalformedMediaException("its length is wrong");
        }
        run = padded - (need - CHUNK);
        need = CHUNK;
        return extended ? header() : chunk(type);
    }

    private Fate header() {
        runFate = Fate.KEEP;
        if ((head[CHUNK] & EXIF_AND_XMP) == 0) {
            return Fate.KEEP;
        }
        head[CHUNK] &= ~EXIF_AND_XMP;
        changedLength = CHUNK + EXTENDED;
        return Fate.CHANGED;
    }

    private Fate chunk(String type) {
        if (SHOWN.contains(type)) {
            runFate = Fate.KEEP;
            return Fate.KEEP;
        }
        runFate = Fate.BLANK;
        System.arraycopy("JUNK".getBytes(StandardCharsets.ISO_8859_1), 0, head, 0, 4);
        changedLength = CHUNK;
        return Fate.CHANGED;
    }

    private long little(int at) {
        return (head[at + 3] & 0xffL) << 24
                | (head[at + 2] & 0xff) << 16
                | (head[at + 1] & 0xff) << 8
                | head[at] & 0xff;
    }
}
