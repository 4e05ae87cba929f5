package dev.portcullis.dataplane.flow.decode;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one exporter, by its address (not its port: routers use several, and restarts change them). Any
 * thread.
 */
public final class Exporter {
    static final int MOST_DOMAINS = 64;

    /** Fields of all its templates together, about 16 bytes each. */
    static final int MOST_FIELDS = 65_536;

    /** Bytes of data sets that wait for their templates. */
    static final int MOST_WAITING_BYTES = 65_536;

    /** Bytes that wait for templates, of all exporters together. */
    static final long MOST_WAITING_BYTES_OVERALL = 16 << 20;

    private static final AtomicLong WAITING_OVERALL = new AtomicLong();

    private final InetAddress address;
    private final AtomicLong fields = new AtomicLong();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final LongAdder datagrams = new LongAdder();
    private final LongAdder flows = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private volatile ObservationDomain[] domains = {};
    private volatile long lastSeenMillis;
    private volatile double lastRate;
    private volatile int protocols;

    /** An exporter that has said nothing yet. */
    public Exporter(InetAddress address) {
        this.address = address;
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
        return fields.get();
    }

    /** Lets go of what it holds of bounds shared by all exporters. It may not be used afterwards. */
    public void forget() {
        for (var domain : domains) {
            domain.expire(Long.MAX_VALUE);
        }
    }

    /** Drops data that has waited for templates since before {@code millis}; says how many sets. */
    public int expire(long millis) {
        if (waitingBytes.get() == 0) {
            return 0;
        }
        var count = 0;
        for (var domain : domains) {
            count += domain.expire(millis);
        }
        errors.add(count);
        return count;
    }

    void saw(Protocol protocol, long nowMillis, long flowCount, long errorCount, double rate) {
        lastSeenMillis = nowMillis;
        datagrams.increment();
        if (flowCount > 0) {
            flows.add(flowCount);
            lastRate = rate;
        }
        if (errorCount > 0) {
            errors.add(errorCount);
        }
        if (!speaks(protocol)) {
            protocols |= 1 << protocol.ordinal();
        }
    }

    void lost(long count) {
        lost.add(count);
    }

    /** The domain, known or new; null when the exporter has too many. */
    @Nullable
    ObservationDomain domain(Protocol protocol, long id) {
        for (var domain : domains) {
            if (domain.is(protocol, id)) {
                return domain;
            }
        }
        return newDomain(protocol, id);
    }

    private synchronized @Nullable ObservationDomain newDomain(Protocol protocol, long id) {
        for (var domain : domains) {
            if (domain.is(protocol, id)) {
                return domain;
            }
        }
        if (domains.length == MOST_DOMAINS) {
            return null;
        }
        var more = Arrays.copyOf(domains, domains.length + 1);
        var domain = new ObservationDomain(this, protocol, id);
        more[domains.length] = domain;
        domains = more;
        return domain;
    }

    boolean reserveFields(int count) {
        if (fields.addAndGet(count) > MOST_FIELDS && count > 0) {
            fields.addAndGet(-count);
            return false;
        }
        return true;
    }

    boolean reserveBytes(int count) {
        if (count <= 0) {
            waitingBytes.addAndGet(count);
            WAITING_OVERALL.addAndGet(count);
            return true;
        }
        if (waitingBytes.addAndGet(count) > MOST_WAITING_BYTES) {
            waitingBytes.addAndGet(-count);
            return false;
        }
        if (WAITING_OVERALL.addAndGet(count) > MOST_WAITING_BYTES_OVERALL) {
            WAITING_OVERALL.addAndGet(-count);
            waitingBytes.addAndGet(-count);
            return false;
        }
        return true;
    }
}
