package dev.portcullis.dataplane.flow.decode;

import java.net.InetAddress;
import java.util.Map;

/**
 * The datagram being decoded and everything decoders share for it: one for each worker, reused. The bytes are the
 * worker's own array: one copy of a datagram costs less than the checks of a reference-counted buffer on each of its
 * thirty records' fields.
 */
final class Datagram {
    /** Records taken from one datagram; a full jumbo frame of the smallest useful records has fewer. */
    static final int MOST_RECORDS = 8192;

    final byte[] data;
    final FlowRecord flow = new FlowRecord();
    final FlowSink sink;
    final DecodeCounts counts;
    final int[] offsets = new int[Field.COUNT];
    final int[] lengths = new int[Field.COUNT];
    int length;
    long nowMillis;
    Exporter exporter;
    double overrideRate;
    double defaultRate = 1;
    int flows;
    int records;
    double rate;

    Datagram(byte[] data, FlowSink sink, DecodeCounts counts, Exporter nobody) {
        this.data = data;
        this.sink = sink;
        this.counts = counts;
        this.exporter = nobody;
    }

    void begin(int bytes, Exporter from, long millis, Map<InetAddress, Integer> overrides, double defaultSamplingRate) {
        length = bytes;
        exporter = from;
        nowMillis = millis;
        var override = overrides.isEmpty() ? null : overrides.get(from.address());
        overrideRate = override == null ? 0 : override;
        defaultRate = defaultSamplingRate;
        flows = 0;
        records = 0;
        rate = 0;
    }

    /** The rate that counts: the operator's word, then the telemetry's (0 when it says nothing), then the default. */
    double samplingRate(double stated) {
        if (overrideRate != 0) {
            return overrideRate;
        }
        return stated > 0 ? stated : defaultRate;
    }

    void emit() {
        flows++;
        rate = flow.samplingRate;
        sink.accept(flow);
    }

    void error(DecodeError error) {
        counts.error(error);
    }

    void lost(Protocol protocol, long count) {
        if (count > 0) {
            counts.lost(protocol, count);
            exporter.lost(count);
        }
    }
}
