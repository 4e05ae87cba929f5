package dev.portcullis.dataplane.flow.window;

import java.util.Arrays;

/**
 * Rates that go on after the record that told of them, by ring: for each of the next {@value #SLOTS} spans of {@value #SPAN}
 * seconds, what ends at its end. A flow's end is rounded down to one, so it is never continued into the time its exporter's
 * next record is about. Kept for {@link #MOST} rings at most; beyond that, a long flow counts in the window alone. Owned by
 * one thread.
 */
final class Continuations {
    /** Rings with rates that go on, at most: 35 MiB. */
    static final int MOST = 40_000;

    private static final int SPAN = 8;
    private static final int SLOTS = 16;
    private static final int ENTRY = SLOTS * RateRings.BUCKET;

    private int[] entries = {};
    private float[] rates = {};
    private long[] advanced = {};
    private int[] free = {};
    private int freeCount;
    private int used = 1;

    /** A counter and the one of bytes behind it grow by so much a second, from the next second on for {@code left}. */
    void add(int ring, long second, long left, int counter, double packets, double bytes) {
        var end = Math.min(second + left, second + (long) (SLOTS - 1) * SPAN) / SPAN;
        if (end * SPAN <= second) {
            return;
        }
        var entry = entryOf(ring, second);
        if (entry == 0) {
            return;
        }
        var at = entry * ENTRY + (int) (end % SLOTS) * RateRings.BUCKET + counter;
        rates[at] += (float) packets;
        rates[at + 1] += (float) bytes;
    }

    private int entryOf(int ring, long second) {
        if (ring >= entries.length) {
            entries = Arrays.copyOf(entries, Math.max(64, ring * 2));
        }
        if (entries[ring] == 0) {
            if (freeCount > 0) {
                entries[ring] = free[--freeCount];
            } else if (used <= MOST) {
                entries[ring] = used++;
                if (used * ENTRY > rates.length) {
                    rates = Arrays.copyOf(rates, used * 2 * ENTRY);
                    advanced = Arrays.copyOf(advanced, used * 2);
                }
            } else {
                return 0;
            }
            advanced[entries[ring]] = second;
        }
        return entries[ring];
    }

    /** Books the seconds up to {@code second}, the latter included; true while anything goes on. */
    boolean advance(int ring, long second, RateRings rings) {
        if (ring >= entries.length || entries[ring] == 0) {
            return false;
        }
        var entry = entries[ring];
        var from = Math.max(advanced[entry], second - rings.seconds()) + 1;
        expire(entry, advanced[entry], second);
        for (var at = from; at <= second; at++) {
            book(entry, ring, at, rings);
        }
        advanced[entry] = second;
        for (var at = entry * ENTRY; at < (entry + 1) * ENTRY; at++) {
            if (rates[at] != 0) {
                return true;
            }
        }
        end(ring);
        return false;
    }

    /** What ends at a span's end before {@code second} is over, whatever of it an idle tick has missed. */
    private void expire(int entry, long before, long second) {
        var first = before / SPAN + 1;
        var last = Math.min(second / SPAN, first + SLOTS - 1);
        for (var span = first; span <= last; span++) {
            var at = entry * ENTRY + (int) (span % SLOTS) * RateRings.BUCKET;
            Arrays.fill(rates, at, at + RateRings.BUCKET, 0);
        }
    }

    private void book(int entry, int ring, long second, RateRings rings) {
        var bucket = rings.bucket(second);
        var to = ring * RateRings.BUCKET;
        if (bucket[to] != second) {
            Arrays.fill(bucket, to, to + RateRings.BUCKET, 0);
            bucket[to] = second;
        }
        for (var slot = 0; slot < SLOTS; slot++) {
            var at = entry * ENTRY + slot * RateRings.BUCKET;
            if (rates[at + 2] == 0) {
                continue;
            }
            for (var counter = 2; counter < RateRings.BUCKET; counter++) {
                bucket[to + counter] += (long) rates[at + counter];
            }
        }
    }

    /** Forgets a ring. */
    void end(int ring) {
        if (ring < entries.length && entries[ring] != 0) {
            var entry = entries[ring];
            Arrays.fill(rates, entry * ENTRY, (entry + 1) * ENTRY, 0);
            if (freeCount == free.length) {
                free = Arrays.copyOf(free, Math.max(64, free.length * 2));
            }
            free[freeCount++] = entry;
            entries[ring] = 0;
        }
    }
}
