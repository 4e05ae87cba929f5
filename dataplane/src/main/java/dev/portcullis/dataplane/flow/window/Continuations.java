package dev.portcullis.dataplane.flow.window;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rates of long flows that go on after the record that told of them, by ring: for each of the next {@value #SLOTS} spans of
 * {@value #SPAN} seconds, what ends at its end.
 *
 * <p>An exporter that stops, or restarts, reports all its flows early, while what they were expected to go on as is still
 * booked. Records shorter than the longest seen are therefore kept apart for a second: where they come to more than half of
 * what is expected, they take its place.
 *
 * <p>At most {@link #MOST} sets of rates; beyond that a long flow counts where it is reported. Owned by one thread.
 */
final class Continuations {
    /** Sets of rates, one or two a ring with long flows: 36 MiB. */
    static final int MOST = 20_000;

    private static final int SPAN = 2;
    private static final int SLOTS = 32;
    private static final int ENTRY = SLOTS * RateRings.BUCKET;
    private static final int PACKETS = 2;
    private static final int BYTES = 3;

    private @Nullable Ring[] rings = {};
    // One array each: a single one would be copied whole, up to 18 MiB, to grow.
    private float[][] rates = new float[64][];
    private int[] free = {};
    private int freeCount;
    private int used = 1;

    /** What goes on of one ring. */
    private static final class Ring {
        int entry;
        int early;
        long advanced;
        long longest;

        // In the form of a bucket: what is booked in each second to come, as far as is known now.
        final float[] going = new float[RateRings.BUCKET];
    }

    /** Starts a flow that lasted {@code duration} seconds; false when it must be counted another way. */
    boolean begin(int number, long second, long duration) {
        if (span(second, duration) <= 0) {
            return false;
        }
        var ring = ring(number);
        if (ring == null) {
            ring = make(number, second);
            if (ring == null) {
                return false;
            }
        }
        ring.longest = Math.max(ring.longest, duration);
        if (isEarly(ring, duration) && ring.early == 0) {
            ring.early = take();
        }
        return true;
    }

    private @Nullable Ring ring(int number) {
        return number < rings.length ? rings[number] : null;
    }

    private @Nullable Ring make(int number, long second) {
        var entry = take();
        if (entry == 0) {
            return null;
        }
        if (number >= rings.length) {
            rings = Arrays.copyOf(rings, Math.max(64, number * 2));
        }
        var ring = new Ring();
        ring.entry = entry;
        ring.advanced = second;
        rings[number] = ring;
        return ring;
    }

    private static boolean isEarly(Ring ring, long duration) {
        return duration < ring.longest * 9 / 10;
    }

    /** Whole seconds after {@code second} that a flow is booked in. */
    static long span(long second, long duration) {
        var end = (second + 1 + Math.min(duration, (SLOTS - 1) * SPAN)) / SPAN * SPAN;
        return end - second - 1;
    }

    /** A counter and the one of bytes behind it grow by so much a second, for {@link #span} seconds. */
    void add(int number, long second, long duration, int counter, double packets, double bytes) {
        var ring = ring(number);
        if (ring == null) {
            return;
        }
        var entry = isEarly(ring, duration) && ring.early != 0 ? ring.early : ring.entry;
        var end = (second + 1 + span(second, duration)) / SPAN;
        var at = (int) (end % SLOTS) * RateRings.BUCKET + counter;
        rates[entry][at] += (float) packets;
        rates[entry][at + 1] += (float) bytes;
        ring.going[counter] += (float) packets;
        ring.going[counter + 1] += (float) bytes;
    }

    /** What is booked in each second to come, in the form of a bucket, or null where nothing is. */
    float @Nullable [] going(int number) {
        var ring = ring(number);
        return ring == null ? null : ring.going;
    }

    /** Books the seconds up to {@code second}, the latter included; true while anything goes on. */
    boolean advance(int number, long second, RateRings into) {
        var ring = ring(number);
        if (ring == null) {
            return false;
        }
        if (second > ring.advanced) {
            if (ring.early != 0) {
                settle(ring);
            }
            expire(ring.entry, ring.advanced, second);
            for (var at = Math.max(ring.advanced, second - into.seconds()) + 1; at <= second; at++) {
                book(ring, number, at, into);
            }
            ring.advanced = second;
        }
        for (var rate : rates[ring.entry]) {
            if (rate != 0) {
                return true;
            }
        }
        if (ring.early != 0) {
            return true;
        }
        end(number);
        return false;
    }

    private void settle(Ring ring) {
        var early = rates[ring.early];
        var expected = rates[ring.entry];
        if (packets(early) > packets(expected) / 2) {
            System.arraycopy(early, 0, expected, 0, ENTRY);
        } else {
            for (var i = 0; i < ENTRY; i++) {
                expected[i] += early[i];
            }
        }
        giveBack(ring.early);
        ring.early = 0;
    }

    private static double packets(float[] rates) {
        var sum = 0.0;
        for (var slot = 0; slot < SLOTS; slot++) {
            sum += rates[slot * RateRings.BUCKET + PACKETS];
        }
        return sum;
    }

    /** Forgets what ends at a span's end up to {@code second}, which is not booked any more. */
    private void expire(int entry, long before, long second) {
        var first = before / SPAN + 1;
        var last = Math.min(second / SPAN, first + SLOTS - 1);
        for (var span = first; span <= last; span++) {
            var at = (int) (span % SLOTS) * RateRings.BUCKET;
            Arrays.fill(rates[entry], at, at + RateRings.BUCKET, 0);
        }
    }

    private void book(Ring ring, int number, long second, RateRings into) {
        var bucket = into.begin(number, second);
        var to = number * RateRings.BUCKET;
        var from = rates[ring.entry];
        Arrays.fill(ring.going, 0);
        for (var slot = 0; slot < SLOTS; slot++) {
            var at = slot * RateRings.BUCKET;
            // There are templates without packets.
            if (from[at + PACKETS] == 0 && from[at + BYTES] == 0) {
                continue;
            }
            for (var counter = PACKETS; counter < RateRings.BUCKET; counter++) {
                bucket[to + counter] += (long) from[at + counter];
                ring.going[counter] += from[at + counter];
            }
        }
    }

    /** Takes over what goes on of another's ring, which has none of it any more; spans are the same whatever the window is. */
    void takeOver(Continuations other, int otherNumber, int number) {
        var moved = other.ring(otherNumber);
        if (moved == null) {
            return;
        }
        var ring = make(number, moved.advanced);
        if (ring == null) {
            return;
        }
        ring.longest = moved.longest;
        System.arraycopy(moved.going, 0, ring.going, 0, RateRings.BUCKET);
        System.arraycopy(other.rates[moved.entry], 0, rates[ring.entry], 0, ENTRY);
        ring.early = moved.early == 0 ? 0 : take();
        if (ring.early != 0) {
            System.arraycopy(other.rates[moved.early], 0, rates[ring.early], 0, ENTRY);
        }
        other.end(otherNumber);
    }

    private int take() {
        if (freeCount > 0) {
            return free[--freeCount];
        }
        if (used > MOST) {
            return 0;
        }
        var entry = used++;
        if (entry == rates.length) {
            rates = Arrays.copyOf(rates, rates.length * 2);
        }
        rates[entry] = new float[ENTRY];
        return entry;
    }

    private void giveBack(int entry) {
        Arrays.fill(rates[entry], 0);
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, Math.max(64, free.length * 2));
        }
        free[freeCount++] = entry;
    }

    /** Forgets a ring. */
    void end(int number) {
        var ring = ring(number);
        if (ring != null) {
            giveBack(ring.entry);
            if (ring.early != 0) {
                giveBack(ring.early);
            }
            rings[number] = null;
        }
    }
}
