package dev.portcullis.dataplane.firewall.scan.match;

import org.jspecify.annotations.Nullable;

/**
 * Bytes to search and how they came from the input.
 *
 * @param length bytes of {@code bytes} that count
 * @param map place in the input of each byte, relative to {@code base}; null where the bytes are the input's
 * @param through where {@code map} gives indexes in another text instead: the same of that text; else null
 * @param base place in the input of the first byte
 * @param end place in the input after the last byte
 * @param run true where all bytes were decoded from the run of input {@code [base, end)}
 * @param encoding wrappings already removed, outermost first, joined by "+"; empty for none
 * @param depth wrappings removed
 * @param folded true where escapes and look-alike letters are already resolved
 */
record Block(
        byte[] bytes,
        int length,
        int @Nullable [] map,
        int @Nullable [] through,
        long base,
        long end,
        boolean run,
        String encoding,
        int depth,
        boolean folded) {
    /** A block whose map, if any, gives places in the input. */
    Block(
            byte[] bytes,
            int length,
            int @Nullable [] map,
            long base,
            long end,
            boolean run,
            String encoding,
            int depth,
            boolean folded) {
        this(bytes, length, map, null, base, end, run, encoding, depth, folded);
    }

    /** The input itself, {@code base} bytes after its start. */
    static Block raw(byte[] bytes, int length, long base) {
        return new Block(bytes, length, null, base, base + length, false, "", 0, false);
    }

    /** Place in the input of the byte at {@code index}. */
    long start(int index) {
        if (run) {
            return base;
        }
        if (index >= length) {
            return end;
        }
        var place = map != null ? map[index] : index;
        return base + (through != null ? through[place] : place);
    }

    /** Place in the input after what the bytes before {@code index} came from. */
    long end(int index) {
        return run ? end : start(index);
    }

    /** True where the bytes came out of a decoder and are no text, or are tokens alone: nothing in either is escaped by design. */
    boolean noise() {
        return run && folded && map == null;
    }

    /**
     * {@code text[0, length)}, which {@code [start, end)} of this was decoded to.
     *
     * @param by the encoding
     * @param folded true where nothing in it is escaped by design
     */
    Block decoded(int start, int end, String by, byte[] text, int length, boolean folded) {
        return new Block(text, length, null, start(start), end(end), true, wrapped(by), depth + 1, folded);
    }

    String wrapped(String by) {
        return encoding.isEmpty() ? by : encoding + "+" + by;
    }
}
