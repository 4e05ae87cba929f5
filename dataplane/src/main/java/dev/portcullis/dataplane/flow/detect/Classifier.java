package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.detect.Attack.Classification;
import dev.portcullis.dataplane.flow.window.HostSample;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names the kind of an attack from its rates and a sample of its records. Pure. */
final class Classifier {
    private static final double DOMINANT = 0.5;

    /**
     * A service that answers a small question with a large reply.
     *
     * @param meanBytes least mean packet size of its replies
     */
    private record Reflector(String name, int meanBytes) {}

    private static final Map<Integer, Reflector> REFLECTORS = Map.ofEntries(
            Map.entry(123, new Reflector("ntp", 200)),
            Map.entry(53, new Reflector("dns", 200)),
            Map.entry(389, new Reflector("cldap", 200)),
            Map.entry(11211, new Reflector("memcached", 200)),
            Map.entry(1900, new Reflector("ssdp", 200)),
            Map.entry(19, new Reflector("chargen", 200)),
            Map.entry(111, new Reflector("portmap", 200)),
            Map.entry(161, new Reflector("snmp", 200)),
            Map.entry(520, new Reflector("rip", 200)),
            // OpenVPN reflects its handshake, many small packets for one.
            Map.entry(1194, new Reflector("openvpn", 40)),
            Map.entry(3283, new Reflector("ard", 200)),
            Map.entry(3702, new Reflector("wsd", 200)),
            Map.entry(5060, new Reflector("sip", 200)),
            Map.entry(5353, new Reflector("mdns", 200)));

    private Classifier() {}

    /** The kind of attack {@code rates} and {@code samples} show. */
    static Classification classify(Rates rates, List<HostSample> samples) {
        if (rates.packets() <= 0) {
            return new Classification("mixed", 0, 0);
        }
        var udp = rates.udpPackets() / rates.packets();
        if (udp >= DOMINANT) {
            var amplification = amplification(samples);
            if (amplification.sourcePort() != 0) {
                return amplification;
            }
        }
        var syn = rates.tcpSynPackets() / rates.packets();
        if (syn >= DOMINANT) {
            return new Classification("syn_flood", syn, 0);
        }
        var fragments = rates.fragmentPackets() / rates.packets();
        if (fragments >= DOMINANT) {
            return new Classification("fragment_flood", fragments, 0);
        }
        var icmp = rates.icmpPackets() / rates.packets();
        if (icmp >= DOMINANT) {
            return new Classification("icmp_flood", icmp, 0);
        }
        if (udp >= DOMINANT) {
            return new Classification("udp_flood", udp, 0);
        }
        var tcp = rates.tcpPackets() / rates.packets();
        if (tcp >= DOMINANT) {
            return new Classification("tcp_flood", tcp, 0);
        }
        return new Classification("mixed", 0, 0);
    }

    private static Classification amplification(List<HostSample> samples) {
        var packetsByPort = new HashMap<Integer, double[]>();
        var total = 0.0;
        for (var sample : samples) {
            for (var record = 0; record < sample.size(); record++) {
                total += sample.packets(record);
                if (sample.ipProtocol(record) == 17) {
                    var port = packetsByPort.computeIfAbsent(sample.sourcePort(record), unused -> new double[2]);
                    port[0] += sample.packets(record);
                    port[1] += sample.bytes(record);
                }
            }
        }
        var heaviest = 0;
        var packets = 0.0;
        var bytes = 0.0;
        for (var entry : packetsByPort.entrySet()) {
            if (entry.getValue()[0] > packets) {
                heaviest = entry.getKey();
                packets = entry.getValue()[0];
                bytes = entry.getValue()[1];
            }
        }
        var reflector = REFLECTORS.get(heaviest);
        if (reflector == null || packets < DOMINANT * total || bytes < reflector.meanBytes() * packets) {
            return new Classification("mixed", 0, 0);
        }
        return new Classification(reflector.name() + "_amplification", packets / total, heaviest);
    }
}
