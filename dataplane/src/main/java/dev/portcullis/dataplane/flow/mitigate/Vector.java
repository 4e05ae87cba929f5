package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.dataplane.flow.detect.Attack;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One kind of traffic an attack consists of, as far as a filter can tell it from other traffic.
 *
 * @param type as in {@link Attack.Classification}, or {@link #REFLECTION} for a reflector seen inside mixed traffic
 * @param sourcePort the reflected port, else 0
 */
public record Vector(Attack.Direction direction, String type, int sourcePort) {
    /** UDP from a port that reflectors answer from. */
    public static final String REFLECTION = "udp_reflection";

    /** Part of a mixed attack's sample below which a reflector's port is taken for ordinary traffic. */
    static final double MIN_REFLECTION_SHARE = 0.1;

    /** Part of an attack below which a kind of traffic is not filtered. */
    static final double MIN_PART = 0.2;

    /** chargen, dns, ntp, snmp, cldap, rip, openvpn, ssdp, ard, ws-discovery, sip, mdns, memcached. */
    private static final Set<String> REFLECTOR_PORTS =
            Set.of("19", "53", "123", "161", "389", "520", "1194", "1900", "3283", "3702", "5060", "5353", "11211");

    /** What {@code attack} consists of at present, the classified part first. */
    static List<Vector> of(Attack attack) {
        var direction = attack.direction();
        var classification = attack.classification();
        var vectors = new ArrayList<Vector>();
        vectors.add(new Vector(direction, classification.type(), classification.sourcePort()));
        for (var part : attack.vectors()) {
            var vector = new Vector(direction, part.type(), part.sourcePort());
            if (part.confidence() >= MIN_PART && !vectors.contains(vector)) {
                vectors.add(vector);
            }
        }
        if (classification.type().equals("mixed")) {
            for (var port : attack.sample().topSourcePorts()) {
                if (REFLECTOR_PORTS.contains(port.key())
                        && port.packets()
                                >= MIN_REFLECTION_SHARE * attack.sample().totalPackets()) {
                    vectors.add(new Vector(direction, REFLECTION, Integer.parseInt(port.key())));
                }
            }
        }
        return vectors;
    }
}
