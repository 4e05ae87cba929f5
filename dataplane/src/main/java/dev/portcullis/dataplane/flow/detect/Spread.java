package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.window.HostSample;
import dev.portcullis.dataplane.flow.window.Metric;
import java.util.HashMap;
import java.util.List;

/**
 * Over how many hosts the traffic of a prefix or group goes, by a sample. Immutable.
 *
 * @param hosts hosts in the sample that were not left out
 * @param packets their part of the packets, 0 to 1
 * @param bytes their part of the bytes, 0 to 1
 */
record Spread(int hosts, double packets, double bytes) {
    /** All traffic, left out nothing. */
    static final Spread WHOLE = new Spread(1, 1, 1);

    private record Host(long high, long low) {}

    private record Weight(double packets, double bytes) {
        static final Weight NONE = new Weight(0, 0);

        Weight plus(Weight other) {
            return new Weight(packets + other.packets, bytes + other.bytes);
        }
    }

    /** Says which hosts are left out. */
    @FunctionalInterface
    interface Except {
        boolean leavesOut(long high, long low);
    }

    static Spread of(List<HostSample> samples, Except except) {
        var traffic = new HashMap<Host, Weight>();
        var weights = SampleWeights.of(samples);
        for (var i = 0; i < weights.length; i++) {
            var sample = samples.get(i);
            for (var record = 0; record < sample.size(); record++) {
                var weight = new Weight(sample.packets(record) * weights[i], sample.bytes(record) * weights[i]);
                traffic.merge(new Host(sample.hostHigh(record), sample.hostLow(record)), weight, Weight::plus);
            }
        }
        var total = traffic.values().stream().reduce(Weight.NONE, Weight::plus);
        traffic.keySet().removeIf(host -> except.leavesOut(host.high(), host.low()));
        var left = traffic.values().stream().reduce(Weight.NONE, Weight::plus);
        return new Spread(traffic.size(), part(left.packets(), total.packets()), part(left.bytes(), total.bytes()));
    }

    private static double part(double left, double total) {
        return total == 0 ? 0 : left / total;
    }

    /** The part of a metric. Flows are like packets: most of a flood's have one. */
    double part(Metric metric) {
        return metric.bits() ? bytes : packets;
    }
}
