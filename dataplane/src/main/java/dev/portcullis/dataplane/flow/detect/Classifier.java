package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.detect.Attack.Classification;
import dev.portcullis.dataplane.flow.window.HostSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Names the kinds of traffic an attack is made of, from a sample of its records, or from its rates where there is none.
 * Every record is of one kind, so the parts add up to the whole. Pure.
 */
final class Classifier {
    /** Part of the traffic from which on the whole attack is called by one kind. */
    private static final double DOMINANT = 0.5;

    /** Part of the traffic from which on a kind is listed. */
    private static final double LISTED = 0.1;

    private static final int SMALL = 100;

    private static final String AMPLIFICATION = "_amplification";

    /** Most TCP services answer below this port. */
    private static final int SERVICE_PORTS = 1024;

    /** Packets and bytes of one kind. */
    private static final class Weight {
        double packets;
        double bytes;

        void add(double morePackets, double moreBytes) {
            packets += morePackets;
            bytes += moreBytes;
        }

        double mean() {
            return packets == 0 ? 0 : bytes / packets;
        }
    }

    private final Map<VectorType, Weight> kinds = new HashMap<>();
    private final Map<Integer, Weight> reflected = new HashMap<>();
    private final Map<Integer, Weight> answered = new HashMap<>();
    private final Weight plainUdp = new Weight();
    private final Weight bareAcks = new Weight();
    private final Weight synAcks = new Weight();
    private double total;

    private Classifier() {}

    /**
     * What the traffic is made of.
     *
     * @param whole the kind of at least half of it, or mixed
     * @param vectors kinds of a tenth or more, the largest first
     */
    record Result(Classification whole, List<Classification> vectors) {
        static final Result UNKNOWN = new Result(new Classification("mixed", 0, 0), List.of());
    }

    /** Every name a kind of traffic may have, {@code mixed} aside. */
    static List<String> names() {
        return Stream.concat(
                        Arrays.stream(VectorType.values()).map(VectorType::label),
                        Reflector.names().map(name -> name + AMPLIFICATION))
                .toList();
    }

    /** The kinds of traffic {@code samples} show, or {@code rates} where they are empty. */
    static Result classify(Rates rates, List<HostSample> samples) {
        var classifier = new Classifier();
        var weights = SampleWeights.of(samples);
        for (var i = 0; i < weights.length; i++) {
            var sample = samples.get(i);
            for (var record = 0; record < sample.size(); record++) {
                classifier.add(sample, record, weights[i]);
            }
        }
        if (classifier.total <= 0) {
            classifier.addRates(rates);
        } else {
            classifier.settle();
        }
        return classifier.total <= 0 ? Result.UNKNOWN : classifier.result();
    }

    private void add(HostSample sample, int record, double weight) {
        var packets = sample.packets(record) * weight;
        var bytes = sample.bytes(record) * weight;
        total += packets;
        if (sample.fragment(record)) {
            kind(VectorType.FRAGMENT_FLOOD).add(packets, bytes);
            return;
        }
        switch (sample.ipProtocol(record)) {
            case 17 -> addUdp(sample.sourcePort(record), sample.destinationPort(record), packets, bytes);
            case 6 -> addTcp(sample.tcpFlags(record), sample.sourcePort(record), packets, bytes);
            case 1, 58 -> kind(VectorType.ICMP_FLOOD).add(packets, bytes);
            case 47 -> kind(VectorType.GRE_FLOOD).add(packets, bytes);
            case 50 -> kind(VectorType.ESP_FLOOD).add(packets, bytes);
            default -> kind(VectorType.OTHER_PROTOCOL_FLOOD).add(packets, bytes);
        }
    }

    private void addUdp(int sourcePort, int destinationPort, double packets, double bytes) {
        if (Reflector.of(sourcePort) != null) {
            reflected.computeIfAbsent(sourcePort, unseen -> new Weight()).add(packets, bytes);
        } else if (sourcePort == 443 || destinationPort == 443) {
            kind(VectorType.QUIC_FLOOD).add(packets, bytes);
        } else {
            plainUdp.add(packets, bytes);
        }
    }

    /** Flags of a NetFlow record are those of all its packets: a whole connection has SYN, ACK and more. */
    private void addTcp(int flags, int sourcePort, double packets, double bytes) {
        if ((flags & 0x12) == 0x02) {
            kind(VectorType.SYN_FLOOD).add(packets, bytes);
        } else if ((flags & 0x3F) == 0x12) {
            synAcks.add(packets, bytes);
            if (sourcePort < SERVICE_PORTS || sourcePort == 8080 || sourcePort == 8443) {
                answered.computeIfAbsent(sourcePort, unseen -> new Weight()).add(packets, bytes);
            }
        } else if ((flags & 0x06) == 0x04) {
            kind(VectorType.RST_FLOOD).add(packets, bytes);
        } else if ((flags & 0x3F) == 0x10) {
            bareAcks.add(packets, bytes);
        } else {
            kind(VectorType.TCP_FLOOD).add(packets, bytes);
        }
    }

    /** Decides what only the sum of many records tells. */
    private void settle() {
        reflected.entrySet().removeIf(each -> {
            var reflector = Reflector.of(each.getKey());
            var ordinary = reflector == null || each.getValue().mean() < reflector.meanBytes();
            if (ordinary) {
                plainUdp.add(each.getValue().packets, each.getValue().bytes);
            }
            return ordinary;
        });
        if (plainUdp.packets > 0) {
            kind(plainUdp.mean() <= SMALL ? VectorType.UDP_SMALL_PACKET_FLOOD : VectorType.UDP_FLOOD)
                    .add(plainUdp.packets, plainUdp.bytes);
        }
        if (bareAcks.packets > 0) {
            kind(bareAcks.mean() <= SMALL ? VectorType.ACK_FLOOD : VectorType.TCP_FLOOD)
                    .add(bareAcks.packets, bareAcks.bytes);
        }
        var fromServices =
                answered.values().stream().mapToDouble(each -> each.packets).sum();
        if (synAcks.packets > 0) {
            kind(fromServices > DOMINANT * synAcks.packets ? VectorType.TCP_REFLECTION : VectorType.SYN_ACK_FLOOD)
                    .add(synAcks.packets, synAcks.bytes);
        }
    }

    private void addRates(Rates rates) {
        total = rates.packets();
        kind(VectorType.FRAGMENT_FLOOD).packets = rates.fragmentPackets();
        kind(VectorType.SYN_FLOOD).packets = rates.tcpSynPackets();
        kind(VectorType.TCP_FLOOD).packets = Math.max(0, rates.tcpPackets() - rates.tcpSynPackets());
        kind(VectorType.UDP_FLOOD).packets = Math.max(0, rates.udpPackets() - rates.fragmentPackets());
        kind(VectorType.ICMP_FLOOD).packets = rates.icmpPackets();
    }

    private Result result() {
        var vectors = new ArrayList<Classification>();
        kinds.forEach((type, weight) -> list(type.label(), weight, portOf(type), vectors));
        reflected.forEach((port, weight) -> {
            var reflector = Reflector.of(port);
            if (reflector != null) {
                list(reflector.name() + AMPLIFICATION, weight, port, vectors);
            }
        });
        vectors.sort(Comparator.comparingDouble(Classification::confidence)
                .reversed()
                .thenComparing(Classification::type));
        return new Result(whole(vectors), List.copyOf(vectors));
    }

    private void list(String type, Weight weight, int port, List<Classification> into) {
        if (weight.packets >= LISTED * total) {
            into.add(new Classification(type, Math.min(1, weight.packets / total), port));
        }
    }

    /** The service most of a TCP reflection comes from. */
    private int portOf(VectorType type) {
        if (type != VectorType.TCP_REFLECTION) {
            return 0;
        }
        return answered.entrySet().stream()
                .max(Comparator.comparingDouble(each -> each.getValue().packets))
                .filter(each -> each.getValue().packets >= DOMINANT * synAcks.packets)
                .map(Map.Entry::getKey)
                .orElse(0);
    }

    private Classification whole(List<Classification> vectors) {
        if (!vectors.isEmpty() && vectors.getFirst().confidence() >= DOMINANT) {
            return vectors.getFirst();
        }
        var udp = part(true) / total;
        if (udp >= DOMINANT) {
            return new Classification(VectorType.UDP_FLOOD.label(), udp, 0);
        }
        var tcp = part(false) / total;
        if (tcp >= DOMINANT) {
            return new Classification(VectorType.TCP_FLOOD.label(), tcp, 0);
        }
        return new Classification("mixed", 0, 0);
    }

    private double part(boolean udp) {
        var sum = udp
                ? reflected.values().stream().mapToDouble(each -> each.packets).sum()
                : 0;
        for (var kind : kinds.entrySet()) {
            if (udp ? kind.getKey().udp() : kind.getKey().tcp()) {
                sum += kind.getValue().packets;
            }
        }
        return sum;
    }

    private Weight kind(VectorType type) {
        return kinds.computeIfAbsent(type, unseen -> new Weight());
    }
}
