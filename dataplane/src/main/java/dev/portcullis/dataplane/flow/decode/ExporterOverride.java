package dev.portcullis.dataplane.flow.decode;

import java.util.Arrays;
import java.util.List;

/**
 * What the operator says of one exporter, whatever its telemetry says. Immutable.
 *
 * @param samplingRate one in how many packets; 0 leaves it to the telemetry
 * @param externalInterfaces ifIndexes by which traffic enters and leaves the network; a record counts as incoming when it
 *     came in by one of them and as outgoing when it left by one. Empty: every record counts as either
 * @param egressSampling true where packets are sampled on their way in and once more on their way out
 */
public record ExporterOverride(int samplingRate, List<Long> externalInterfaces, boolean egressSampling) {
    /** Says nothing. */
    static final ExporterOverride NONE = new ExporterOverride(0, List.of(), false);

    public ExporterOverride {
        externalInterfaces = List.copyOf(externalInterfaces);
    }

    /** {@link #externalInterfaces} in ascending order. */
    long[] sortedInterfaces() {
        var sorted = externalInterfaces.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }
}
