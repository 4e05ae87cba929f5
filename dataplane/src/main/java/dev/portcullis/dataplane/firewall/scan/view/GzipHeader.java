package dev.portcullis.dataplane.firewall.scan.view;

/** Walks over the header of a gzip member (RFC 1952 section 2.3), byte by byte. Not thread-safe. */
public final class GzipHeader {
    private static final int FIXED = 10;
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;

    private int position;
    private int flags;
    private int extra = -1;
    private int extraLength;
    private int texts = -1;
    private int crc = -1;
    private boolean complete;

    /** True where {@code in[at, length)} begins like a gzip member whose method is deflate. */
    public static boolean startsAt(byte[] in, int at, int length) {
        return at + FIXED < length && (in[at] & 0xff) == 0x1f && (in[at + 1] & 0xff) == 0x8b && in[at + 2] == 8;
    }

    /** True once the compressed data follows. */
    public boolean complete() {
        return complete;
    }

    /** Takes the next byte. */
    public void next(byte b) {
        if (position < FIXED) {
            if (position++ == 3) {
                flags = b;
            }
            if (position == FIXED) {
                extra = (flags & EXTRA) != 0 ? 2 : 0;
                texts = ((flags & NAME) != 0 ? 1 : 0) + ((flags & COMMENT) != 0 ? 1 : 0);
                crc = (flags & HEADER_CRC) != 0 ? 2 : 0;
            }
        } else if (extra > 0) {
            extraLength |= (b & 0xff) << 8 * (2 - extra);
            extra--;
        } else if (extraLength > 0) {
            extraLength--;
        } else if (texts > 0) {
            if (b == 0) {
                texts--;
            }
        } else if (crc > 0) {
            crc--;
        }
        complete = position == FIXED && extra == 0 && extraLength == 0 && texts == 0 && crc == 0;
    }
}
