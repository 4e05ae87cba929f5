package dev.portcullis.dataplane.flow.detect;

import com.google.common.collect.Comparators;
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

    // Mutable: this is done for every attack at every tick, for thousands of records.
    private static final class Weight {
        double packets;
        double bytes;

        void add(double morePackets, double moreBytes) {
            packets += morePackets;
            bytes += moreBytes;
        }
    }

    private SampleSummary() {}

    static Sample of(List<HostSample> samples) {
        var records = samples.stream().mapToInt(HostSample::size).sum();
        var sources = HashMap.<Host, Weight>newHashMap(records);
        var sourcePorts = HashMap.<Integer, Weight>newHashMap(records);
        var destinationPorts = HashMap.<Integer, Weight>newHashMap(records);
        var protocols = new HashMap<Integer, Weight>();
        var total = 0.0;
        var weights = SampleWeights.of(samples);
        for (var i = 0; i < weights.length; i++) {
            var sample = samples.get(i);
            for (var record = 0; record < sample.size(); record++) {
                var packets = sample.packets(record) * weights[i];
                var bytes = sample.bytes(record) * weights[i];
                of(sources, new Host(sample.remoteHigh(record), sample.remoteLow(record)))
                        .add(packets, bytes);
                of(sourcePorts, sample.sourcePort(record)).add(packets, bytes);
                of(destinationPorts, sample.destinationPort(record)).add(packets, bytes);
                of(protocols, sample.ipProtocol(record)).add(packets, bytes);
                total += packets;
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

    private static <K> Weight of(Map<K, Weight> weights, K key) {
        return weights.computeIfAbsent(key, unseen -> new Weight());
    }

    /** The heaviest, without putting all the others in order. */
    private static <K> List<Share> top(Map<K, Weight> weights, Function<K, String> name) {
        return weights.entrySet().stream()
                .collect(Comparators.greatest(TOP, Comparator.comparingDouble(entry -> entry.getValue().packets)))
                .stream()
                .map(entry -> new Share(name.apply(entry.getKey()), entry.getValue().packets, entry.getValue().bytes))
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
