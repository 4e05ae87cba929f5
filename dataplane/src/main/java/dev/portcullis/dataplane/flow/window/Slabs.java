package dev.portcullis.dataplane.flow.window;

/**
 * Memory for what grows by doubling, cut from arrays of {@value #BYTES} bytes. A collector moves no array that large, so what
 * is in one is never copied while the program stands still; an array of a few hundred KiB of its own would be, once or twice.
 * Nothing is given back: an array is garbage as soon as nobody has a part of it, and those who grow at one pace leave whole
 * arrays behind. Owned by one thread.
 */
final class Slabs {
    /** Bytes of an array with its header: whole regions of the collector's. */
    static final int BYTES = 2 << 20;

    /** Words that a collector does not move as an array of their own either: half a region of the smallest it has. */
    private static final int LARGE = (512 << 10) / Long.BYTES;

    /** What a header takes at most, in words. */
    private static final int HEADER = 2;

    private static final int WORDS = BYTES / Long.BYTES - HEADER;

    private long[] slab = {};
    private int end;
    private long[] array = slab;

    /** Takes so many words, all 0; where they begin in {@link #array}. */
    int take(int words) {
        if (words >= LARGE) {
            array = new long[words];
            return 0;
        }
        if (end + words > slab.length) {
            slab = new long[WORDS];
            end = 0;
        }
        array = slab;
        var at = end;
        end += words;
        return at;
    }

    /** The array that the words taken last are in. */
    long[] array() {
        return array;
    }
}
