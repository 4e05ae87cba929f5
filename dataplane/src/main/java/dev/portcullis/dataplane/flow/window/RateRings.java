package dev.portcullis.dataplane.flow.window;

import dev.portcullis.dataplane.flow.decode.FlowRecord;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One-second counters of the hosts that have them: a ring of as many seconds as the window is long, plus the current
 * one. Stored second by second, not host by host, so that the memory written at any time is that of one second. Each
 * host's second remembers which second it is, so nothing is cleared when time moves on, and each second grows alone when it
 * is written to: no record waits for a copy of all of them. Owned by one thread.
 */
final class RateRings {
    static final int NO_RING = 0;

    /** The second, then the counters in the order of {@link Metric#counter()}. */
    static final int BUCKET = 1 + Metric.COUNTERS;

    private static final int FLOWS = 1;
    private static final int PACKETS = 2;
    private static final int BYTES = 3;
    private static final int UDP = 4;
    private static final int TCP = 6;
    private static final int ICMP = 8;
    private static final int SYN = 10;
    private static final int FRAGMENT = 12;

    private static final int SMALLEST = 64;

    private final int seconds;
    private final long[][] buckets;
    private final Continuations continuations = new Continuations();
    private long[] hosts = new long[SMALLEST * 2];
    private int[] free = new int[SMALLEST];
    private long presentSecond;
    private long[] present;
    private int freeCount;
    private int used = 1;
    private int allocated = SMALLEST;

    /** @param seconds length of the window */
    RateRings(int seconds) {
        this.seconds = seconds;
        this.buckets = new long[seconds + 1][SMALLEST * BUCKET];
        this.present = buckets[0];
    }

    /** Bytes one host's ring takes. */
    static int bytesPerHost(int seconds) {
        return (seconds + 1) * BUCKET * Long.BYTES + 2 * Long.BYTES + Integer.BYTES;
    }

    int seconds() {
        return seconds;
    }

    /** Ring numbers run from 1 to below this. */
    int end() {
        return used;
    }

    long high(int ring) {
        return hosts[ring * 2];
    }

    long low(int ring) {
        return hosts[ring * 2 + 1];
    }

    /** True while a host owns the ring. */
    boolean owned(int ring) {
        return buckets[0][ring * BUCKET] != Long.MIN_VALUE;
    }

    /** An empty ring for a host, above 0. */
    int take(long high, long low) {
        int ring;
        if (freeCount > 0) {
            ring = free[--freeCount];
        } else {
            if (used == allocated) {
                grow();
            }
            ring = used++;
        }
        hosts[ring * 2] = high;
        hosts[ring * 2 + 1] = low;
        for (var bucket : buckets) {
            // What has not grown yet will begin with second 0, which is in no window either.
            if (ring * BUCKET < bucket.length) {
                bucket[ring * BUCKET] = -1;
            }
        }
        return ring;
    }

    void release(int ring) {
        continuations.end(ring);
        buckets[0][ring * BUCKET] = Long.MIN_VALUE;
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, free.length * 2);
        }
        free[freeCount++] = ring;
    }

    private void grow() {
        allocated *= 2;
        hosts = Arrays.copyOf(hosts, allocated * 2);
        // The first says which rings are owned.
        buckets[0] = Arrays.copyOf(buckets[0], allocated * BUCKET);
        presentSecond = 0;
        present = buckets[0];
    }

    /** Books one record in one second: its flows, and as many packets and bytes as are said. */
    void add(int ring, long second, FlowRecord flow, long packets, long bytes) {
        var bucket = begin(ring, second);
        var at = ring * BUCKET;
        bucket[at + FLOWS] += flow.realFlows;
        bucket[at + PACKETS] += packets;
        bucket[at + BYTES] += bytes;
        var protocol = protocolCounter(flow);
        if (protocol != 0) {
            bucket[at + protocol] += packets;
            bucket[at + protocol + 1] += bytes;
        }
        if (isSyn(flow)) {
            bucket[at + SYN] += packets;
            bucket[at + SYN + 1] += bytes;
        }
        if (flow.fragment) {
            bucket[at + FRAGMENT] += packets;
            bucket[at + FRAGMENT + 1] += bytes;
        }
    }

    /** The counters of a second, those of {@code ring} cleared if they are of an earlier one. */
    long[] begin(int ring, long second) {
        var bucket = bucket(second);
        var at = ring * BUCKET;
        if (bucket[at] != second) {
            Arrays.fill(bucket, at, at + BUCKET, 0);
            bucket[at] = second;
        }
        return bucket;
    }

    private static int protocolCounter(FlowRecord flow) {
        return switch (flow.ipProtocol) {
            case 17 -> UDP;
            case 6 -> TCP;
            case 1, 58 -> ICMP;
            default -> 0;
        };
    }

    private static boolean isSyn(FlowRecord flow) {
        return flow.ipProtocol == 6 && (flow.tcpFlags & 0x12) == 0x02;
    }

    /** Books sums of no known class, at a second of the window. */
    void carryOver(int ring, long second, long flows, long packets, long bytes) {
        var bucket = bucket(second);
        var at = ring * BUCKET;
        Arrays.fill(bucket, at, at + BUCKET, 0);
        bucket[at] = second;
        bucket[at + FLOWS] = flows;
        bucket[at + PACKETS] = packets;
        bucket[at + BYTES] = bytes;
    }

    /**
     * Books a flow of {@code duration} seconds in those that follow {@code second}: all of it where it fits in the window, so
     * that the window holds what the flow had, and at its own rate where it is longer. False when it must be booked another
     * way.
     */
    boolean continueFlow(int ring, long second, long duration, FlowRecord flow) {
        advance(ring, second);
        if (!continuations.begin(ring, second, duration)) {
            return false;
        }
        var parts = (double) (duration <= seconds ? Continuations.span(second, duration) : duration);
        var packetsASecond = flow.realPackets / parts;
        var bytesASecond = flow.realBytes / parts;
        continuations.add(ring, second, duration, PACKETS, packetsASecond, bytesASecond);
        var protocol = protocolCounter(flow);
        if (protocol != 0) {
            continuations.add(ring, second, duration, protocol, packetsASecond, bytesASecond);
        }
        if (isSyn(flow)) {
            continuations.add(ring, second, duration, SYN, packetsASecond, bytesASecond);
        }
        if (flow.fragment) {
            continuations.add(ring, second, duration, FRAGMENT, packetsASecond, bytesASecond);
        }
        return true;
    }

    /** Books what continues in the seconds that began since the last call; true while anything does. */
    boolean advance(int ring, long second) {
        return continuations.advance(ring, second, this);
    }

    /** What long flows are booked in each second to come, in the form of a bucket, or null where there are none. */
    float @Nullable [] going(int ring) {
        return continuations.going(ring);
    }

    /** The counters of all hosts for one second. */
    long[] bucket(long second) {
        // Nearly all records are of the present second, and a division takes longer than the rest of this.
        if (second != presentSecond) {
            presentSecond = second;
            present = grown((int) (second % buckets.length));
        }
        return present;
    }

    private long[] grown(int index) {
        var bucket = buckets[index];
        if (bucket.length < allocated * BUCKET) {
            bucket = Arrays.copyOf(bucket, allocated * BUCKET);
            buckets[index] = bucket;
        }
        return bucket;
    }

    /**
     * Adds up a ring: {@code into} gets {@link Metric#COUNTERS} sums over the whole seconds before {@code now}, as many
     * over the current second and all but the oldest of those, and as many of the second that is judged alone. None covers
     * more time than it stands for.
     */
    void sum(int ring, long now, long alone, long[] into, int at) {
        Arrays.fill(into, at, at + HostSums.PARTS * Metric.COUNTERS, 0);
        var start = ring * BUCKET;
        for (var bucket : buckets) {
            var age = start < bucket.length ? now - bucket[start] : -1;
            if (age < 0 || age > seconds) {
                continue;
            }
            for (var counter = 0; counter < Metric.COUNTERS; counter++) {
                var value = bucket[start + 1 + counter];
                if (age > 0) {
                    into[at + counter] += value;
                }
                if (bucket[start] == alone) {
                    into[at + 2 * Metric.COUNTERS + counter] = value;
                }
                if (age < seconds) {
                    into[at + Metric.COUNTERS + counter] += value;
                }
            }
        }
    }

    /** Takes over what another ring of the same host holds of the seconds that fit, and what goes on of it. */
    void copyFrom(RateRings other, int otherRing, int ring, long now) {
        continuations.takeOver(other.continuations, otherRing, ring);
        var from = otherRing * BUCKET;
        var to = ring * BUCKET;
        for (var bucket : other.buckets) {
            var age = from < bucket.length ? now - bucket[from] : -1;
            if (age >= 0 && age <= seconds) {
                System.arraycopy(bucket, from, bucket(bucket[from]), to, BUCKET);
            }
        }
    }
}
