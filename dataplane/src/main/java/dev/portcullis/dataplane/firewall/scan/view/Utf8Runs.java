package dev.portcullis.dataplane.firewall.scan.view;

/**
 * Finds text in what is mostly none: well-formed UTF-8 in a row, control characters included. What is decoded from where
 * nothing was encoded has next to none of it: about half of its bytes are high and stand alone. Pure.
 */
final class Utf8Runs {
    /** Bytes that the shortest secret takes in which something has to be resolved before it shows: one more than it has. */
    static final int LEAST = 9;

    static final int NONE = -1;

    /** What of that many bytes is looked at eight at once leaves out. */
    private static final int BEFORE = LEAST - Long.BYTES;

    private Utf8Runs() {}

    /** Where the first stretch of at least {@link #LEAST} bytes begins, from {@code from} on; {@link #NONE} where there is none. */
    static int first(byte[] in, int from, int length) {
        var at = from;
        while (at + LEAST <= length) {
            // No stretch that is long enough holds the last byte within reach that is part of no character.
            var alone = alone(Lanes.of(in, at + BEFORE));
            if (alone != 0) {
                at += BEFORE + Long.BYTES - (Long.numberOfLeadingZeros(alone) >>> 3);
                continue;
            }
            var end = end(in, at, length);
            if (end >= at + LEAST) {
                return at;
            }
            at = end + 1;
        }
        return NONE;
    }

    /** Lanes that begin a character which the next one does not continue, or continue none; not those that need another eight. */
    private static long alone(long lanes) {
        var high = lanes & Lanes.HIGH;
        var leads = high & lanes << 1;
        var more = high & ~leads;
        return more & ~(high << Byte.SIZE) & ~0xFFL | leads & ~(more >>> Byte.SIZE) & ~0L >>> Byte.SIZE;
    }

    /** Where the stretch ends that begins at {@code from}: at a byte that is no part of a whole character, or at {@code length}. */
    static int end(byte[] in, int from, int length) {
        var at = from;
        while (at < length) {
            if (in[at] >= 0) {
                at++;
                continue;
            }
            var character = Escapes.utf8(in, at, length);
            if (character == Escapes.NONE || Escapes.point(character) == Escapes.NOTHING) {
                return at;
            }
            at = Escapes.next(character);
        }
        return at;
    }
}
