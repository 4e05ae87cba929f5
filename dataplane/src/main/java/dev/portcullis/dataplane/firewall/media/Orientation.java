package dev.portcullis.dataplane.firewall.media;

/** How a picture lies, as EXIF says it: tag 0x0112, 1 to 8 (CIPA DC-008 section 4.6.4 A). */
final class Orientation {
    private static final int TAG = 0x0112;
    private static final int SHORT = 3;
    private static final int ENTRY = 12;
    private static final int MOST = 8;

    private Orientation() {}

    /**
     * The orientation in the TIFF structure at {@code text[from, to)}, which may be cut short.
     *
     * @return 0 where it says none that is valid
     */
    static int of(byte[] text, int from, int to) {
        if (to - from < 8 || text[from] != text[from + 1] || text[from] != 'I' && text[from] != 'M') {
            return 0;
        }
        var big = text[from] == 'M';
        var offset = number(text, from + 4, 4, big);
        if (number(text, from + 2, 2, big) != 42 || offset < 8 || offset > to - from - 2) {
            return 0;
        }
        var at = from + (int) offset;
        var entries = number(text, at, 2, big);
        at += 2;
        for (var i = 0; i < entries && at + ENTRY <= to; i++, at += ENTRY) {
            if (number(text, at, 2, big) == TAG) {
                var value = number(text, at + 8, 2, big);
                var single = number(text, at + 2, 2, big) == SHORT && number(text, at + 4, 4, big) == 1;
                return single && value <= MOST ? (int) value : 0;
            }
        }
        return 0;
    }

    private static long number(byte[] text, int at, int length, boolean big) {
        var value = 0L;
        for (var i = 0; i < length; i++) {
            value = value << 8 | text[at + (big ? i : length - 1 - i)] & 0xff;
        }
        return value;
    }

    /** An EXIF segment of a JPEG image that says nothing else. */
    static byte[] segment(int orientation) {
        return new byte[] {
            (byte) 0xff,
            (byte) 0xe1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            1,
            TAG >> 8,
            TAG & 0xff,
            0,
            SHORT,
            0,
            0,
            0,
            1,
            0,
            (byte) orientation,
            0,
            0,
            0,
            0,
            0,
            0
        };
    }
}
