package dev.portcullis.dataplane.flow.decode;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The datagram being decoded and everything decoders share for it: one for each worker, reused. The bytes are the
 * worker's own array: one copy of a datagram costs less than the checks of a reference-counted buffer on each of its
 * thirty records' fields.
 */
final class Datagram {
    /** Records taken from one datagram; a full jumbo frame of the smallest useful records has fewer. */
    static final int MOST_RECORDS = 8192;

    final byte[] data;
    private final FlowRecord[] batch = new FlowRecord[FlowSink.BATCH];
    private final FlowSink sink;
    final DecodeCounts counts;
    final Layout layout = new Layout();
    int length;
    long nowMillis;
    Exporter exporter;
    long session;
    private DecodeRules rules = DecodeRules.STANDARD;
    private ExporterOverride override = ExporterOverride.NONE;
    private long[] externalInterfaces = {};
    private double perRecord = 1;
    boolean innerTunnel;
    private int waiting;
    int flows;
    int records;
    double rate;

    Datagram(byte[] data, FlowSink sink, DecodeCounts counts, Exporter nobody) {
        this.data = data;
        this.sink = sink;
        this.counts = counts;
        this.exporter = nobody;
        Arrays.setAll(batch, unused -> new FlowRecord());
    }

    /** Puts {@code newRules} in force for the datagrams that follow. */
    void rules(DecodeRules newRules) {
        rules = newRules;
        innerTunnel = newRules.innerTunnel();
        override(ExporterOverride.NONE);
    }

    private void override(ExporterOverride newOverride) {
        override = newOverride;
        externalInterfaces = newOverride.sortedInterfaces();
        // Seen on the way in and on the way out, each packet has two chances to be sampled.
        perRecord = newOverride.egressSampling() ? 0.5 : 1;
    }

    void begin(int bytes, Exporter from, int tcpSession, long millis) {
        length = bytes;
        exporter = from;
        session = tcpSession;
        nowMillis = millis;
        if (!rules.overrides().isEmpty()) {
            var found = rules.overrides().getOrDefault(from.address(), ExporterOverride.NONE);
            if (found != override) {
                override(found);
            }
        }
        flows = 0;
        records = 0;
        rate = 0;
    }

    /** The rate that counts: the operator's word, then the telemetry's (0 when it says nothing), then the default. */
    double samplingRate(double stated) {
        return samplingRateOnce(stated) * perRecord;
    }

    /** The same of a packet that is looked at once, one in how many. */
    double samplingRateOnce(double stated) {
        if (override.samplingRate() != 0) {
            return override.samplingRate();
        }
        return stated > 0 ? stated : rules.defaultSamplingRate();
    }

    /** The record to fill next. What an earlier one left in it is still there. */
    FlowRecord next(Protocol protocol, long arrivalMillis) {
        var flow = batch[waiting];
        flow.arrivalMillis = arrivalMillis;
        // A write of a reference costs more than this comparison: the collector wants to know of it.
        if (flow.protocol != protocol) {
            flow.protocol = protocol;
        }
        return flow;
    }

    /** Says that the record {@link #next} gave is filled. */
    void emit(FlowRecord flow) {
        flows++;
        rate = flow.samplingRate;
        if (externalInterfaces.length > 0) {
            flow.incomingCounts = Arrays.binarySearch(externalInterfaces, flow.inputInterface) >= 0;
            flow.outgoingCounts = Arrays.binarySearch(externalInterfaces, flow.outputInterface) >= 0;
            if (!flow.incomingCounts && !flow.outgoingCounts) {
                counts.inside();
                return;
            }
        } else {
            flow.incomingCounts = true;
            flow.outgoingCounts = true;
        }
        if (++waiting == FlowSink.BATCH) {
            deliver();
        }
    }

    /** Hands over what waits. */
    void deliver() {
        var count = waiting;
        waiting = 0;
        if (count > 0) {
            sink.accept(batch, count);
        }
    }

    void error(DecodeError error) {
        counts.error(error);
    }

    /**
     * Follows the sequence number of a datagram that needs nothing else of its domain: where the exporter has too many of those
     * it is decoded all the same, and nobody knows whether one is missing.
     *
     * @return the domain, or null
     */
    @Nullable
    ObservationDomain follow(Protocol protocol, long domainId, long sequence, long carried) {
        var domain = exporter.domain(protocol, domainId, nowMillis);
        if (domain != null) {
            lost(protocol, domain.follow(sequence, carried));
        }
        return domain;
    }

    void lost(Protocol protocol, long count) {
        if (count > 0) {
            counts.lost(protocol, count);
            exporter.lost(count);
        }
    }
}
