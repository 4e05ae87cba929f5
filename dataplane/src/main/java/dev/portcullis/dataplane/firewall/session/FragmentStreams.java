package dev.portcullis.dataplane.firewall.session;

import java.util.Arrays;
import java.util.LinkedHashMap;

/**
 * The end of what a client sent under each name: what a secret that is sent in pieces would be continued from. Keeps the
 * last {@value #TAIL} bytes of each name; the name unused longest makes room for a new one. Not thread-safe.
 */
final class FragmentStreams {
    /** Bytes kept of one name, and so the longest secret that is surely found. */
    static final int TAIL = 512;

    /** Wrapped text is decoded in groups of at most this many characters, so that a stream is only cut between two. */
    private static final int GROUP = 8;

    /** Looks across a seam. */
    @FunctionalInterface
    interface Seam {
        /** True where the piece behind {@code seam} must not be sent. */
        boolean refused(byte[] text, int seam, int length);
    }

    private static final class Stream {
        private byte[] tail = new byte[32];
        private int length;
        private long at;
    }

    private final LinkedHashMap<String, Stream> streams = new LinkedHashMap<>(8, 0.75f, true);
    private final byte[] text = new byte[2 * TAIL];
    private int held;

    /** Keeps {@code value[from, to)} without looking at it. */
    void keep(String name, byte[] value, int from, int to, int most, long now, long window) {
        var unused = append(name, value, from, to, most, now, window, (text, seam, length) -> false);
    }

    /** Bytes kept. */
    int held() {
        return held;
    }

    /**
     * Looks at where {@code value[from, to)} continues what was sent under {@code name}, and keeps it unless it is refused.
     *
     * @param most names kept
     * @param window nanoseconds after which a name that nothing was sent under is forgotten
     * @return true where it was refused
     */
    boolean append(String name, byte[] value, int from, int to, int most, long now, long window, Seam check) {
        var stream = streams.get(name);
        if (stream == null) {
            stream = new Stream();
            streams.put(name, stream);
            while (streams.size() > most) {
                var oldest = streams.pollFirstEntry();
                held -= oldest.getValue().length;
            }
        } else if (now - stream.at > window) {
            held -= stream.length;
            stream.length = 0;
        }
        var head = Math.min(to - from, TAIL);
        if (stream.length > 0 && head > 0) {
            System.arraycopy(stream.tail, 0, text, 0, stream.length);
            System.arraycopy(value, from, text, stream.length, head);
            if (check.refused(text, stream.length, stream.length + head)) {
                return true;
            }
        }
        stream.at = now;
        held -= stream.length;
        keep(stream, value, from, to);
        held += stream.length;
        return false;
    }

    private static void keep(Stream stream, byte[] value, int from, int to) {
        var all = stream.length + (to - from);
        var drop = all <= TAIL ? 0 : (all - TAIL + GROUP - 1) / GROUP * GROUP;
        var old = Math.max(0, stream.length - drop);
        var start = from + Math.max(0, drop - stream.length);
        var size = old + to - start;
        var tail = stream.tail.length >= size
                ? stream.tail
                : Arrays.copyOf(stream.tail, Math.min(TAIL, Math.max(size, stream.tail.length * 2)));
        System.arraycopy(stream.tail, stream.length - old, tail, 0, old);
        System.arraycopy(value, start, tail, old, to - start);
        stream.tail = tail;
        stream.length = size;
    }
}
