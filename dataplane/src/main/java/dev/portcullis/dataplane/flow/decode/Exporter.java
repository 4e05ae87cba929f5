package dev.portcullis.dataplane.flow.decode;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one exporter, by its address (not its port: routers use several, and restarts change them). Any
 * thread.
 */
public final class Exporter {
    static final int MOST_DOMAINS = 64;

    /** A domain that sent nothing for this long makes room for another. */
    static final long SILENT_MILLIS = 600_000;

    private static final long NEVER = Long.MIN_VALUE;

    private final InetAddress address;
    private ExporterBudget budget;
    private volatile long fields;
    private volatile long waitingBytes;
    private boolean forgotten;
    private final LongAdder datagrams = new LongAdder();
    private final LongAdder flows = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LongAdder contested = new LongAdder();
    private volatile ObservationDomain[] domains = {};
    private volatile long lastSeenMillis;
    private volatile double lastRate;
    private volatile long firstFlowMillis = NEVER;
    private volatile long lastFlowMillis = NEVER;
    private volatile int protocols;

    /** An exporter that has said nothing yet, and what it may hold. */
    public Exporter(InetAddress address, ExporterBudget budget) {
        this.address = address;
        this.budget = budget;
    }

    /** Where its datagrams come from. */
    public InetAddress address() {
        return address;
    }

    /** Datagrams taken from it. */
    public long datagrams() {
        return datagrams.sum();
    }

    /** Flow records decoded. */
    public long flows() {
        return flows.sum();
    }

    /** Parts of datagrams that could not be used. */
    public long errors() {
        return errors.sum();
    }

    /** Records or datagrams that its sequence numbers say were lost on the way. */
    public long lost() {
        return lost.sum();
    }

    /** Times one of its templates changed again soon after it had changed: two senders use its address. */
    public long contestedTemplates() {
        return contested.sum();
    }

    /**
     * What the packet samples of its sFlow agents stand for over what their interfaces counted, 1 where sampling is as it is
     * stated; 0 while too few samples, or no counters, have come.
     */
    public double samplingRatio() {
        var all = SamplingCheck.Result.NONE;
        for (var domain : domains) {
            var check = domain.samplingCheck();
            all = check == null ? all : all.plus(check.result());
        }
        return all.samples() < SamplingCheck.ENOUGH || all.counted() == 0 ? 0 : all.sampled() / all.counted();
    }

    /** Monotonic milliseconds of its last datagram. */
    public long lastSeenMillis() {
        return lastSeenMillis;
    }

    /** The sampling rate of its latest record; 0 before the first. */
    public double lastRate() {
        return lastRate;
    }

    /** True when it has sent this protocol. */
    public boolean speaks(Protocol protocol) {
        return (protocols & 1 << protocol.ordinal()) != 0;
    }

    /** Templates it has announced and not withdrawn. */
    public int templates() {
        var count = 0;
        for (var domain : domains) {
            count += domain.templateCount();
        }
        return count;
    }

    /** Fields of its templates: what it takes of the memory bound for templates. */
    public long templateFields() {
        return fields;
    }

    /** Milliseconds between its first and its latest datagram with flows in it; -1 before the first. */
    public long provenMillis() {
        var first = firstFlowMillis;
        return first == NEVER ? -1 : lastFlowMillis - first;
    }

    /** Lets it hold what {@code other} allows from now on; false, and nothing has changed, when that has no room. */
    public synchronized boolean move(ExporterBudget other) {
        if (forgotten || !other.takeFields(0, fields)) {
            return false;
        }
        if (!other.takeWaiting(0, waitingBytes)) {
            other.takeFields(fields, -fields);
            return false;
        }
        budget.takeFields(fields, -fields);
        budget.takeWaiting(waitingBytes, -waitingBytes);
        budget = other;
        return true;
    }

    /** Gives back what it holds of its budget, and takes nothing more. */
    public synchronized void forget() {
        budget.takeFields(fields, -fields);
        budget.takeWaiting(waitingBytes, -waitingBytes);
        forgotten = true;
    }

    /** Drops data that has waited for templates since before {@code millis}; says how many sets. */
    int expire(long millis) {
        if (waitingBytes == 0) {
            return 0;
        }
        var count = 0;
        for (var domain : domains) {
            count += domain.expire(millis);
        }
        errors.add(count);
        return count;
    }

    /** Forgets templates last announced before {@code millis}. Those of a TCP session last as long as it does. */
    public void expireTemplates(long millis) {
        for (var domain : domains) {
            if (session(domain) == 0) {
                domain.expireTemplates(millis);
            }
        }
    }

    /**
     * Monotonic milliseconds of the latest announcement of a template by the domain that has been silent about its own
     * the longest; -1 when there is no template.
     */
    public long templatesAnnouncedMillis() {
        var oldest = -1L;
        for (var domain : domains) {
            var announced = domain.announcedMillis();
            if (announced >= 0 && (oldest < 0 || announced < oldest)) {
                oldest = announced;
            }
        }
        return oldest;
    }

    /** Forgets what was announced in a TCP session that is over (RFC 7011 section 8.4). */
    public void closeSession(int session) {
        var over = new ArrayList<ObservationDomain>();
        synchronized (this) {
            var keep = new ArrayList<ObservationDomain>();
            for (var domain : domains) {
                (session(domain) == session ? over : keep).add(domain);
            }
            domains = keep.toArray(ObservationDomain[]::new);
        }
        // Not while this is locked: a domain is locked by whoever asks this for room.
        over.forEach(ObservationDomain::forget);
    }

    private static long session(ObservationDomain domain) {
        return domain.protocol() == Protocol.IPFIX ? domain.id() >>> 32 : 0;
    }

    /** What it announced over UDP. */
    public ExporterMemory remember() {
        var remembered = new ArrayList<ExporterMemory.Domain>();
        for (var domain : domains) {
            if (session(domain) == 0
                    && (domain.protocol() == Protocol.NETFLOW9 || domain.protocol() == Protocol.IPFIX)) {
                remembered.add(domain.remember());
            }
        }
        return new ExporterMemory(address.getHostAddress(), remembered);
    }

    /** Learns again what {@link #remember} gave, as far as that is right and there is room. */
    public void recall(ExporterMemory memory, long nowMillis) {
        for (var remembered : memory.domains()) {
            var domain = domain(remembered.protocol(), remembered.id(), nowMillis);
            if (domain != null && session(domain) == 0) {
                domain.recall(remembered, nowMillis);
            }
        }
    }

    void saw(Protocol protocol, long nowMillis, long flowCount, long errorCount, double rate) {
        // A volatile write waits for all writes before it; a read does not.
        if (lastSeenMillis != nowMillis) {
            lastSeenMillis = nowMillis;
        }
        datagrams.increment();
        if (flowCount > 0) {
            flows.add(flowCount);
            if (lastRate != rate) {
                lastRate = rate;
            }
            if (firstFlowMillis == NEVER) {
                firstFlowMillis = nowMillis;
            }
            if (lastFlowMillis != nowMillis) {
                lastFlowMillis = nowMillis;
            }
        }
        if (errorCount > 0) {
            errors.add(errorCount);
        }
        if (!speaks(protocol)) {
            protocols |= 1 << protocol.ordinal();
        }
    }

    void contested() {
        contested.increment();
    }

    void lost(long count) {
        lost.add(count);
    }

    /** The domain that a datagram is of, known or new; null when the exporter has too many that are in use. */
    @Nullable
    ObservationDomain domain(Protocol protocol, long id, long nowMillis) {
        for (var domain : domains) {
            if (domain.is(protocol, id)) {
                domain.seen(nowMillis);
                return domain;
            }
        }
        var silent = new ArrayList<ObservationDomain>(1);
        var made = newDomain(protocol, id, nowMillis, silent);
        // Not while this is locked: a domain is locked by whoever asks this for room.
        silent.forEach(ObservationDomain::forget);
        return made;
    }

    private synchronized @Nullable ObservationDomain newDomain(
            Protocol protocol, long id, long nowMillis, List<ObservationDomain> forgotten) {
        var keep = new ArrayList<ObservationDomain>();
        for (var domain : domains) {
            if (domain.is(protocol, id)) {
                return domain;
            }
            keep.add(domain);
        }
        if (keep.size() >= MOST_DOMAINS) {
            // Some exporters take another number with each start, and anyone can make up some in the name of one.
            var silent = Collections.min(keep, Comparator.comparingLong(ObservationDomain::seenMillis));
            if (nowMillis - silent.seenMillis() < SILENT_MILLIS) {
                return null;
            }
            forgotten.add(silent);
            keep.remove(silent);
        }
        var domain = new ObservationDomain(this, protocol, id);
        domain.seen(nowMillis);
        keep.add(domain);
        domains = keep.toArray(ObservationDomain[]::new);
        return domain;
    }

    synchronized boolean reserveFields(int count) {
        if (forgotten || !budget.takeFields(fields, count)) {
            return false;
        }
        fields += count;
        return true;
    }

    synchronized boolean reserveBytes(int count) {
        if (forgotten || !budget.takeWaiting(waitingBytes, count)) {
            return false;
        }
        waitingBytes += count;
        return true;
    }
}
