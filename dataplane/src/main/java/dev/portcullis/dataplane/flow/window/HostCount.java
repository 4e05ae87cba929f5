package dev.portcullis.dataplane.flow.window;

import java.util.Arrays;

/**
 * How many hosts there are where several tables may hold the same one: how many each holds, and the hashes of those in its
 * first segments. All tables of a detector hash alike, so a host is in the same segment of each, and what is twice among the
 * hosts of some segments says what is twice among all: exact up to {@value #SAMPLE} hosts a table and wherever none is twice,
 * else within some two per cent. Used by one thread at a time.
 */
final class HostCount {
    /** Hosts of a table up to which all are looked at; beyond it as many segments as have about that many, one at least. */
    private static final int SAMPLE = 8192;

    private long[] hashes = new long[64];
    private int size;
    private int segments = HostTable.SEGMENTS;
    private long hosts;
    private long unlisted;

    void clear() {
        size = 0;
        segments = HostTable.SEGMENTS;
        hosts = 0;
        unlisted = 0;
    }

    /** Says of a table with so many hosts, of which nothing has been said since {@link #clear}, that its hosts follow. */
    void begin(int hostCount) {
        segments = (int) Math.clamp((long) HostTable.SEGMENTS * SAMPLE / Math.max(1, hostCount), 1, HostTable.SEGMENTS);
    }

    /** True where {@link #add} wants the hosts of a segment. */
    boolean wants(int segment) {
        return segment < segments;
    }

    /** Takes the {@link HostTable#hash} of a host. */
    void add(long hash) {
        reserve(size + 1);
        hashes[size++] = hash;
    }

    /**
     * Says how many hosts the table has.
     *
     * @param listedHosts those that have a row in its sums
     */
    void end(int hostCount, int listedHosts) {
        hosts = hostCount;
        unlisted = Math.max(0, hostCount - listedHosts);
    }

    /** Adds what another table has. */
    void merge(HostCount other) {
        reserve(size + other.size);
        System.arraycopy(other.hashes, 0, hashes, size, other.size);
        size += other.size;
        segments = Math.min(segments, other.segments);
        hosts += other.hosts;
        unlisted += other.unlisted;
    }

    /** True where every host has a row. */
    boolean allListed() {
        return unlisted == 0;
    }

    /** The hosts of all tables, each once. */
    long distinct() {
        var wanted = new long[size];
        var count = 0;
        for (var i = 0; i < size; i++) {
            if (wants(HostTable.segmentOf(hashes[i]))) {
                wanted[count++] = hashes[i];
            }
        }
        if (count == 0) {
            return hosts;
        }
        Arrays.sort(wanted, 0, count);
        var distinct = 1L;
        for (var i = 1; i < count; i++) {
            distinct += wanted[i] == wanted[i - 1] ? 0 : 1;
        }
        return Math.round((double) hosts * distinct / count);
    }

    private void reserve(int places) {
        if (places > hashes.length) {
            hashes = Arrays.copyOf(hashes, Math.max(places, hashes.length * 2));
        }
    }
}
