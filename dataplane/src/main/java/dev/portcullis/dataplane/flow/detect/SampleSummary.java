package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.detect.Attack.Sample;
import dev.portcullis.dataplane.flow.detect.Attack.Share;
import dev.portcullis.dataplane.flow.window.HostSample;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The heaviest parts of the samples of one attack. Pure. */
final class SampleSummary {
    /** Keys kept of each kind. */
    private static final int TOP = 10;

    private record Host(long high, long low) {}

    private record Weight(double packets, double bytes) {
        Weight plus(Weight other) {
            return new Weight(packets + other.packets, bytes + other.bytes);
        }
    }

    private SampleSummary() {}

    static Sample of(List<HostSample> samples) {
        var sources = new HashMap<Host, Weight>();
        var sourcePorts = new HashMap<Integer, Weight>();
        var destinationPorts = new HashMap<Integer, Weight>();
        var protocols = new HashMap<Integer, Weight>();
        var total = 0.0;
        var records = 0;
        var weights = SampleWeights.of(samples);
        for (var i = 0; i < weights.length; i++) {
            var sample = samples.get(i);
            records += sample.size();
            for (var record = 0; record < sample.size(); record++) {
                var weight = new Weight(sample.packets(record) * weights[i], sample.bytes(record) * weights[i]);
                sources.merge(new Host(sample.remoteHigh(record), sample.remoteLow(record)), weight, Weight::plus);
                sourcePorts.merge(sample.sourcePort(record), weight, Weight::plus);
                destinationPorts.merge(sample.destinationPort(record), weight, Weight::plus);
                protocols.merge(sample.ipProtocol(record), weight, Weight::plus);
                total += weight.packets();
            }
        }
        if (total == 0) {
            return Sample.EMPTY;
        }
        return new Sample(
                top(sources, host -> IpBits.address(host.high(), host.low()).getHostAddress()),
                top(sourcePorts, String::valueOf),
                top(destinationPorts, String::valueOf),
                top(protocols, SampleSummary::protocolName),
                total,
                records);
    }

    private static <K> List<Share> top(Map<K, Weight> weights, Function<K, String> name) {
        return weights.entrySet().stream()
                .sorted(Comparator.comparingDouble(
                        (Map.Entry<K, Weight> entry) -> -entry.getValue().packets()))
                .limit(TOP)
                .map(entry -> new Share(
                        name.apply(entry.getKey()),
                        entry.getValue().packets(),
                        entry.getValue().bytes()))
                .toList();
    }

    private static String protocolName(int protocol) {
        return switch (protocol) {
            case 1 -> "icmp";
            case 6 -> "tcp";
            case 17 -> "udp";
            case 47 -> "gre";
            case 50 -> "esp";
            case 58 -> "icmp6";
            default -> String.valueOf(protocol);
        };
    }
}
