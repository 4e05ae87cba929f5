package dev.portcullis.dataplane.firewall.redact;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** The places of what is to be replaced, as a reader comes by them. Overlapping ones are one. Not thread-safe. */
final class Spans {
    /** Behind every body, with room to count on. */
    private static final long NEVER = Long.MAX_VALUE / 2;

    private record Span(String name, long start, long end) {}

    private final PriorityQueue<Span> waiting = new PriorityQueue<>(
            Comparator.comparingLong(Span::start).thenComparing(Span::end, Comparator.reverseOrder()));
    private long coveredUntil;
    private String name = "";
    private long keyEnd = NEVER;

    /** Bytes {@code [start, end)} are to be replaced. */
    void add(String name, long start, long end) {
        if (end > start) {
            waiting.add(new Span(name, start, end));
        }
    }

    /**
     * A key begins. What goes on behind it is about its value, and replaced there only.
     *
     * @param at its first byte
     * @param end where it is closed
     */
    void intoKey(long at, long end) {
        keyEnd = end;
        if (coveredUntil > end) {
            waiting.add(new Span(name, end + 1, coveredUntil));
            coveredUntil = at;
        }
    }

    /** The string ends. */
    void outOfKey() {
        keyEnd = NEVER;
    }

    /** The class of what covers a byte of {@code [start, end)}, or null. Places only grow from call to call. */
    @Nullable
    String covering(long start, long end) {
        Span next;
        while ((next = waiting.peek()) != null && next.start < end) {
            waiting.remove();
            if (next.end > keyEnd + 1) {
                waiting.add(new Span(next.name, keyEnd + 1, next.end));
            } else if (next.end > Math.max(start, coveredUntil)) {
                name = coveredUntil > start ? name : next.name;
                coveredUntil = next.end;
            }
        }
        return coveredUntil > start ? name : null;
    }

    /** Where what {@link #covering} found ends. */
    long coveredUntil() {
        return coveredUntil;
    }

    /** Where the next begins that {@link #covering} has not come by. */
    long nextStart() {
        var next = waiting.peek();
        return next == null ? NEVER : next.start;
    }
}
