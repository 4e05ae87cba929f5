package dev.portcullis.dataplane.flow.detect;

import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A UDP service that answers a small question with a large reply.
 *
 * @param name as in {@code ntp_amplification}
 * @param meanBytes least mean packet size of its replies; smaller ones are ordinary answers
 */
record Reflector(String name, int meanBytes) {
    private static final Map<Integer, Reflector> BY_PORT = Map.ofEntries(
            Map.entry(19, new Reflector("chargen", 200)),
            Map.entry(53, new Reflector("dns", 200)),
            Map.entry(69, new Reflector("tftp", 200)),
            Map.entry(111, new Reflector("portmap", 200)),
            Map.entry(123, new Reflector("ntp", 200)),
            Map.entry(137, new Reflector("netbios", 150)),
            Map.entry(161, new Reflector("snmp", 200)),
            Map.entry(389, new Reflector("cldap", 200)),
            Map.entry(520, new Reflector("rip", 200)),
            // OpenVPN reflects its handshake, many small packets for one.
            Map.entry(1194, new Reflector("openvpn", 40)),
            Map.entry(1900, new Reflector("ssdp", 200)),
            Map.entry(3283, new Reflector("ard", 200)),
            Map.entry(3702, new Reflector("wsd", 200)),
            Map.entry(5060, new Reflector("sip", 200)),
            Map.entry(5353, new Reflector("mdns", 200)),
            Map.entry(11211, new Reflector("memcached", 200)));

    static @Nullable Reflector of(int port) {
        return BY_PORT.get(port);
    }

    /** The names of all. */
    static Stream<String> names() {
        return BY_PORT.values().stream().map(Reflector::name);
    }
}
