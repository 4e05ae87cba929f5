package dev.portcullis.dataplane.flow.decode;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What an exporter said about one of its observation domains (IPFIX), source ids (NetFlow v9), engines (v5) or agents
 * (sFlow): templates, sampling rates, sequence number. Shared by the workers that its datagrams reach: reading a
 * template or a rate takes no lock, changing one and counting the sequence (once a datagram) does.
 */
final class ObservationDomain {
    static final int MOST_TEMPLATES = 1024;
    static final int MOST_SAMPLERS = 256;
    static final int MOST_INTERFACES = 1024;

    /** A template that changes twice within this time is contested: nobody configures a router that often. */
    static final long CONTEST_MILLIS = 600_000;

    /** A jump of the sequence beyond this is a restart of the exporter, not loss. */
    private static final long RESTART = 100_000;

    /** What became of an announcement. */
    enum Learned {
        /** It was new, or the same as before. */
        KNOWN,
        REPLACED,
        CONTESTED,
        /** The exporter may not have one more. */
        REFUSED
    }

    /** A data set that waits for its template. */
    record Waiting(int templateId, byte[] records, long uptime, long arrivalMillis) {}

    private final Exporter exporter;
    private final Protocol protocol;
    private final long id;
    // Open addressing by template id; replaced as a whole when it grows, its elements in place.
    private volatile @Nullable Template[] templates = new Template[8];
    private int templateCount;
    private volatile long announcedMillis;
    private volatile StatedRates samplers = StatedRates.NONE;
    private volatile StatedRates interfaces = StatedRates.NONE;
    private volatile double rate;
    private volatile long seenMillis;
    private boolean forgotten;
    private boolean sequenceKnown;
    // IPFIX: the latest one and its records, for what the next one should be depends on the exporter.
    private long nextSequence;
    private int lastRecords;
    private boolean countsItself;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private volatile @Nullable SamplingCheck samplingCheck;

    ObservationDomain(Exporter exporter, Protocol protocol, long id) {
        this.exporter = exporter;
        this.protocol = protocol;
        this.id = id;
    }

    boolean is(Protocol otherProtocol, long otherId) {
        return id == otherId && protocol == otherProtocol;
    }

    /** The template with this id, or null. */
    @Nullable
    Template template(int templateId) {
        var table = templates;
        for (var at = templateId & table.length - 1; ; at = at + 1 & table.length - 1) {
            var template = table[at];
            if (template == null || template.id() == templateId) {
                return template;
            }
        }
    }

    synchronized int templateCount() {
        return templateCount;
    }

    Protocol protocol() {
        return protocol;
    }

    long id() {
        return id;
    }

    /** Monotonic milliseconds of the latest announcement of a template; -1 while there is none. */
    synchronized long announcedMillis() {
        return templateCount == 0 ? -1 : announcedMillis;
    }

    /** Its templates, in no order. */
    synchronized List<Template> templates() {
        var all = new ArrayList<Template>();
        for (var each : templates) {
            if (each != null) {
                all.add(each);
            }
        }
        return all;
    }

    /** Notes that a template it knows was announced once more. */
    void renew(Template template, long nowMillis) {
        announcedMillis = nowMillis;
        template.announced(nowMillis);
    }

    /** Learns a template, or that it is still good. */
    synchronized Learned learn(Template template, long nowMillis) {
        if (forgotten) {
            return Learned.REFUSED;
        }
        announcedMillis = nowMillis;
        template.announced(nowMillis);
        var known = template(template.id());
        if (known != null && known.sameAs(template)) {
            known.announced(nowMillis);
            return Learned.KNOWN;
        }
        var fields = template.fieldCount() - (known == null ? 0 : known.fieldCount());
        if (known == null && templateCount == MOST_TEMPLATES || !exporter.reserveFields(fields)) {
            return Learned.REFUSED;
        }
        var keep = new ArrayList<Template>();
        for (var each : templates) {
            if (each != null && each.id() != template.id()) {
                keep.add(each);
            }
        }
        keep.add(template);
        replaceAll(keep);
        if (known == null) {
            return Learned.KNOWN;
        }
        template.replaced(nowMillis);
        if (nowMillis - known.replacedMillis() >= CONTEST_MILLIS) {
            return Learned.REPLACED;
        }
        exporter.contested();
        return Learned.CONTESTED;
    }

    /** Forgets a template (RFC 7011 section 8.1). */
    void withdraw(int templateId) {
        removeIf(template -> template.id() == templateId);
    }

    /** Forgets every template, of flows or of options. */
    void withdrawAll(boolean options) {
        removeIf(template -> template.options() == options);
    }

    /** Forgets templates last announced before {@code millis}. */
    void expireTemplates(long millis) {
        removeIf(template -> template.announcedMillis() < millis);
    }

    /** Forgets every template, and all that waits for one, for good: a worker that has it at hand still teaches it nothing. */
    synchronized void forget() {
        forgotten = true;
        removeIf(template -> true);
        expire(Long.MAX_VALUE);
        var check = samplingCheck;
        if (check != null) {
            check.forget();
        }
    }

    /** The check of an agent's sampling, or null before its first counters. */
    @Nullable
    SamplingCheck samplingCheck() {
        return samplingCheck;
    }

    /** The same of an agent whose counters have come; null where it is forgotten. */
    @Nullable
    SamplingCheck checkSampling() {
        var check = samplingCheck;
        // Whoever holds it must not wait for this domain, which whoever forgets this domain has locked.
        return check != null ? check : firstCheck();
    }

    private synchronized @Nullable SamplingCheck firstCheck() {
        if (samplingCheck == null && !forgotten) {
            samplingCheck = new SamplingCheck(exporter);
        }
        return samplingCheck;
    }

    private synchronized void removeIf(Predicate<Template> gone) {
        var keep = new ArrayList<Template>();
        for (var each : templates) {
            if (each != null) {
                if (gone.test(each)) {
                    exporter.reserveFields(-each.fieldCount());
                } else {
                    keep.add(each);
                }
            }
        }
        if (keep.size() < templateCount) {
            replaceAll(keep);
        }
    }

    private void replaceAll(List<Template> all) {
        var size = 8;
        while (size < all.size() * 2) {
            size *= 2;
        }
        var table = new @Nullable Template[size];
        for (var each : all) {
            var at = each.id() & size - 1;
            while (table[at] != null) {
                at = at + 1 & size - 1;
            }
            table[at] = each;
        }
        templateCount = all.size();
        templates = table;
    }

    synchronized ExporterMemory.Domain remember() {
        return new ExporterMemory.Domain(
                protocol,
                id,
                rate,
                samplers.remember(),
                interfaces.remember(),
                templates().stream().map(Template::remember).toList());
    }

    void recall(ExporterMemory.Domain memory, long nowMillis) {
        for (var template : memory.templates()) {
            Template.recall(template).ifPresent(known -> learn(known, nowMillis));
        }
        for (var sampler : memory.samplers()) {
            if (Sampling.plausible(sampler.rate())) {
                learnSampler(sampler.id(), sampler.rate());
            }
        }
        for (var each : memory.interfaces()) {
            if (Sampling.plausible(each.rate())) {
                learnInterface(each.id(), each.rate());
            }
        }
        if (Sampling.plausible(memory.rate())) {
            learnRate(memory.rate());
        }
    }

    /** The domain's own sampling rate, or 0 when it stated none. */
    double rate() {
        return rate;
    }

    /** The rate of one of its samplers or selectors, 0 where none is known. */
    double samplerRate(long samplerId) {
        return samplers.of(samplerId);
    }

    /** The rate of what came in by one interface and left by another: where rates are stated of interfaces, that of the first. */
    double rate(long inputInterface, long outputInterface) {
        var known = interfaces;
        if (known.size() > 0) {
            var input = known.of(inputInterface);
            var stated = input > 0 ? input : known.of(outputInterface);
            if (stated > 0) {
                return stated;
            }
        }
        return rate;
    }

    /** Learns the domain's sampling rate. */
    void learnRate(double newRate) {
        rate = newRate;
    }

    /** Learns the rate of one sampler. False when there are too many. */
    synchronized boolean learnSampler(long samplerId, double newRate) {
        // Exporters that name samplers in options but not in their records mean the last one.
        rate = newRate;
        if (samplers.size() == MOST_SAMPLERS && samplers.of(samplerId) == 0) {
            return false;
        }
        samplers = samplers.with(samplerId, newRate);
        return true;
    }

    /** Learns the rate of one interface; of the others it says nothing. False when there are too many. */
    synchronized boolean learnInterface(long interfaceNumber, double newRate) {
        if (interfaces.size() == MOST_INTERFACES && interfaces.of(interfaceNumber) == 0) {
            return false;
        }
        interfaces = interfaces.with(interfaceNumber, newRate);
        return true;
    }

    /** Monotonic milliseconds of its latest datagram, to a second. */
    long seenMillis() {
        return seenMillis;
    }

    void seen(long nowMillis) {
        // A volatile write waits for all writes before it; a read does not.
        if (nowMillis - seenMillis >= 1000) {
            seenMillis = nowMillis;
        }
    }

    /**
     * Follows the sequence number (32 bits, wrapping).
     *
     * @param sequence of this datagram
     * @param carried by how much the next one is expected to be higher
     * @return how many units were lost before this datagram; 0 when it is late or the exporter has restarted
     */
    synchronized long follow(long sequence, long carried) {
        var gap = sequenceKnown ? (int) (sequence - nextSequence) : 0;
        if (sequenceKnown && gap < 0 && gap > -RESTART) {
            return 0;
        }
        sequenceKnown = true;
        nextSequence = sequence + carried & 0xFFFF_FFFFL;
        return gap > 0 && gap < RESTART ? gap : 0;
    }

    /**
     * Follows the sequence number of IPFIX messages, once it is known how many records this one had. By RFC 7011 section 3.1
     * the number counts the records before the message; some exporters (softflowd) count those of the message in.
     *
     * @param records of this message, or -1 when a template is missing and nobody knows
     * @return how many records were lost before this message
     */
    synchronized long followRecords(long sequence, int records) {
        var since = (int) (sequence - nextSequence);
        if (sequenceKnown && since < 0 && since > -RESTART) {
            // Late: the one after it has told already.
            return 0;
        }
        var lost = 0L;
        if (sequenceKnown && records >= 0) {
            var before = since - lastRecords;
            var included = since - records;
            if (before == 0 != (included == 0)) {
                countsItself = included == 0;
            }
            var gap = before == 0 || included == 0 ? 0 : countsItself ? included : before;
            lost = gap > 0 && gap < RESTART ? gap : 0;
        }
        sequenceKnown = records >= 0;
        nextSequence = sequence;
        lastRecords = records;
        return lost;
    }

    /** Keeps a data set until its template comes. False when the exporter's buffer is full. */
    synchronized boolean await(Waiting set) {
        if (forgotten || !exporter.reserveBytes(set.records().length)) {
            return false;
        }
        waiting.add(set);
        return true;
    }

    /** Takes out the sets that wait for this template, the oldest first. */
    synchronized List<Waiting> arrived(int templateId) {
        if (waiting.isEmpty()) {
            return List.of();
        }
        var found = new ArrayList<Waiting>();
        for (var each = waiting.iterator(); each.hasNext(); ) {
            var set = each.next();
            if (set.templateId() == templateId) {
                found.add(set);
                exporter.reserveBytes(-set.records().length);
                each.remove();
            }
        }
        return found;
    }

    /** Drops the sets that have waited since before {@code millis} and says how many. */
    synchronized int expire(long millis) {
        var count = 0;
        while (!waiting.isEmpty() && waiting.peek().arrivalMillis() < millis) {
            exporter.reserveBytes(-waiting.remove().records().length);
            count++;
        }
        return count;
    }
}
