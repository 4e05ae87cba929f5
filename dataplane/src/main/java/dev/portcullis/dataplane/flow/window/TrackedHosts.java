package dev.portcullis.dataplane.flow.window;

/**
 * The hosts that a {@link HostWindow} counts for: which have a place in the table, which of those have a ring and a
 * reservoir, and how one comes by these and loses them. Bounded by what {@link WindowLimits} leaves to all workers; what it
 * refused is counted. Owned by one thread.
 *
 * <p>The slot of a heavy host has the numbers of its ring and its reservoir where that of another has light counters.
 */
final class TrackedHosts {
    /** Word of a heavy host's slot with the number of its ring. */
    static final int RING = HostTable.PRESENT;

    /** Word of a heavy host's slot with the number of its reservoir, {@link Reservoirs#NONE} or {@link Reservoirs#REFUSED}. */
    static final int RESERVOIR = HostTable.BEFORE;

    private static final int MOST_RINGS = (1 << 24) - 1;

    private final WindowLimits.Share limits;
    private final HostTable table;
    private final Reservoirs reservoirs;
    private final Newcomers newcomers = new Newcomers();
    private RateRings rings;
    private long refusedHosts;
    private long refusedSamples;
    private long evictedHosts;

    /**
     * Nobody yet.
     *
     * @param slabs where the table's memory comes from
     * @param seconds length of the window
     */
    TrackedHosts(WindowLimits.Share limits, Reservoirs reservoirs, Slabs slabs, int seconds) {
        this.limits = limits;
        this.table = new HostTable(limits.hashSeed(), slabs);
        this.reservoirs = reservoirs;
        this.rings = new RateRings(seconds);
    }

    int size() {
        return table.size();
    }

    HostTable table() {
        return table;
    }

    RateRings rings() {
        return rings;
    }

    Reservoirs reservoirs() {
        return reservoirs;
    }

    /** How many rings must be taken back, so that newcomers find one. */
    int ringShortage() {
        return limits.rings().shortage();
    }

    /**
     * A slot for a host that has none, or {@link HostTable#ABSENT} where all are taken by heavier ones.
     *
     * @param packets of the record that told of it
     * @param state that it begins with
     */
    int admit(long hash, long high, long low, long packets, long state) {
        if (limits.hosts().tryTake()) {
            return table.insert(hash, high, low, state);
        }
        var lighter = Newcomers.lighterNear(table, table.home(hash), newcomers.add(high, low, packets));
        if (lighter == HostTable.ABSENT) {
            refusedHosts++;
            return HostTable.ABSENT;
        }
        remove(lighter);
        evictedHosts++;
        limits.hosts().take();
        return table.insert(hash, high, low, state);
    }

    /** Begins to weigh newcomers anew, where the table is full. */
    void forgetNewcomers() {
        newcomers.forget();
    }

    /** Gives a light host a ring, empty so far; false when all are taken. */
    boolean promote(long[] slots, int at, long second) {
        if (rings.end() >= MOST_RINGS || !limits.rings().tryTake()) {
            return false;
        }
        slots[at + RING] = rings.take(slots[at + HostTable.HIGH], slots[at + HostTable.LOW]);
        slots[at + HostTable.STATE] = SlotState.heavy(SlotState.withSecond(slots[at + HostTable.STATE], second));
        slots[at + RESERVOIR] = Reservoirs.NONE;
        return true;
    }

    /** Takes a host's ring away; its volume stays known. */
    void demote(int slot, long flows, long packets, long bytes) {
        rings.release(ring(slot));
        limits.rings().giveBack();
        table.state(slot, SlotState.light(table.state(slot)));
        table.word(slot, HostTable.PRESENT, Light.pair(flows, packets));
        table.word(slot, HostTable.BEFORE, 0);
        table.word(slot, HostTable.BYTES, Light.bytes(bytes, 0));
    }

    /** Gives a heavy host a reservoir; its number, or {@link Reservoirs#REFUSED} when all are taken. */
    int sample(long[] slots, int at) {
        var reservoir = reservoirs.take(slots[at + HostTable.HIGH], slots[at + HostTable.LOW]);
        if (reservoir == Reservoirs.NONE) {
            refusedSamples++;
            reservoir = Reservoirs.REFUSED;
        }
        slots[at + RESERVOIR] = reservoir;
        return reservoir;
    }

    /** Ends the sampling of a heavy host, refused or not. */
    void unsample(int slot) {
        if (reservoirs.taken(reservoir(slot))) {
            reservoirs.release(reservoir(slot));
        }
        table.word(slot, RESERVOIR, Reservoirs.NONE);
    }

    /** Forgets a host altogether. */
    void remove(int slot) {
        if (ring(slot) != RateRings.NO_RING) {
            rings.release(ring(slot));
            limits.rings().giveBack();
        }
        if (reservoirs.taken(reservoir(slot))) {
            reservoirs.release(reservoir(slot));
        }
        table.remove(slot);
        limits.hosts().giveBack();
    }

    /** The second of a host's last record. */
    long lastSecond(int slot) {
        return SlotState.second(table.state(slot));
    }

    /** The group of the host in a slot. */
    int group(int slot) {
        return SlotState.group(table.state(slot));
    }

    /** The ring of the host in a slot, or {@link RateRings#NO_RING}. */
    int ring(int slot) {
        return SlotState.isHeavy(table.state(slot)) ? (int) table.word(slot, RING) : RateRings.NO_RING;
    }

    /** The reservoir of the host in a slot, {@link Reservoirs#NONE} or {@link Reservoirs#REFUSED}. */
    int reservoir(int slot) {
        return SlotState.isHeavy(table.state(slot)) ? (int) table.word(slot, RESERVOIR) : Reservoirs.NONE;
    }

    /** Forgets all hosts. */
    void clear() {
        for (var segment = 0; segment < HostTable.SEGMENTS; segment++) {
            var last = table.lastSlot(segment);
            for (var slot = last; slot > last - table.slots(segment); slot--) {
                if (table.state(slot) != 0) {
                    remove(slot);
                }
            }
        }
    }

    /**
     * Measures over another length of time from now on; what is counted is kept as far as it fits. False where it is the length
     * there was.
     */
    boolean resize(int seconds, long second) {
        if (seconds == rings.seconds()) {
            return false;
        }
        var old = rings;
        rings = new RateRings(seconds);
        for (var segment = 0; segment < HostTable.SEGMENTS; segment++) {
            var last = table.lastSlot(segment);
            for (var slot = last; slot > last - table.slots(segment); slot--) {
                var before = ring(slot);
                if (before != RateRings.NO_RING) {
                    var ring = rings.take(table.high(slot), table.low(slot));
                    rings.copyFrom(old, before, ring, second);
                    table.word(slot, RING, ring);
                }
            }
        }
        return true;
    }

    /** Records that were not counted because the table was full, since the last call. */
    long drainRefusedHosts() {
        var count = refusedHosts;
        refusedHosts = 0;
        return count;
    }

    /** Hosts forgotten to make room for others, since the last call. */
    long drainEvictedHosts() {
        var count = evictedHosts;
        evictedHosts = 0;
        return count;
    }

    /** Hosts near a threshold that got no reservoir, since the last call. */
    long drainRefusedSamples() {
        var count = refusedSamples;
        refusedSamples = 0;
        return count;
    }
}
