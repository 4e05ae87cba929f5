package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.window.HostSample;
import java.util.HashMap;
import java.util.List;

/**
 * Over how many hosts the traffic of a prefix or group goes, by a sample. Immutable.
 *
 * @param hosts hosts in the sample that were not left out
 * @param share their part of the packets, 0 to 1
 */
record Spread(int hosts, double share) {
    private record Host(long high, long low) {}

    /** Says which hosts are left out. */
    @FunctionalInterface
    interface Except {
        boolean leavesOut(long high, long low);
    }

    static Spread of(List<HostSample> samples, Except except) {
        var packets = new HashMap<Host, Double>();
        var total = 0.0;
        var weights = SampleWeights.of(samples);
        for (var i = 0; i < weights.length; i++) {
            var sample = samples.get(i);
            for (var record = 0; record < sample.size(); record++) {
                var weight = sample.packets(record) * weights[i];
                packets.merge(new Host(sample.hostHigh(record), sample.hostLow(record)), weight, Double::sum);
                total += weight;
            }
        }
        packets.keySet().removeIf(host -> except.leavesOut(host.high(), host.low()));
        var left = packets.values().stream().mapToDouble(Double::doubleValue).sum();
        return new Spread(packets.size(), total == 0 ? 0 : left / total);
    }
}
