package dev.portcullis.dataplane.firewall.scan.match;

import org.jspecify.annotations.Nullable;

/**
 * Bytes to search and how they came from the input.
 *
 * @param length bytes of {@code bytes} that count
 * @param map place in the input of each byte, relative to {@code base}, or null where {@code stride} says it
 * @param base place in the input of the first byte
 * @param stride 1 where the bytes are the input's, 0 where they were all decoded from the run at {@code base}
 * @param encoding wrappings already removed, outermost first, joined by "+"; empty for none
 * @param depth wrappings removed
 * @param folded true where escapes and look-alike letters are already resolved
 */
record Block(
        byte[] bytes,
        int length,
        int @Nullable [] map,
        long base,
        int stride,
        String encoding,
        int depth,
        boolean folded) {

    /** The input itself, {@code base} bytes after its start. */
    static Block raw(byte[] bytes, int length, long base) {
        return new Block(bytes, length, null, base, 1, "", 0, false);
    }

    /** Place in the input of the byte at {@code index}. */
    long place(int index) {
        if (map != null) {
            return base + map[Math.min(index, length - 1)];
        }
        return base + (long) index * stride;
    }

    String wrapped(String by) {
        return encoding.isEmpty() ? by : encoding + "+" + by;
    }
}
