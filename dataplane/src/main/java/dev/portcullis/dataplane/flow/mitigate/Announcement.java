package dev.portcullis.dataplane.flow.mitigate;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Something routers are told. Equal announcements are the same announcement. Immutable. */
public sealed interface Announcement {
    /** An address block. */
    record Prefix(InetAddress address, int length) {
        /** The block that holds {@code address} alone: /32 or /128. */
        public static Prefix host(InetAddress address) {
            return new Prefix(address, address.getAddress().length * 8);
        }

        /** True for IPv6. */
        public boolean v6() {
            return address.getAddress().length == 16;
        }

        /** True when it holds one address. */
        public boolean isHost() {
            return length == address.getAddress().length * 8;
        }

        @Override
        public String toString() {
            return address.getHostAddress() + "/" + length;
        }
    }

    /**
     * A route whose next hop discards (RFC 7999).
     *
     * @param communities pairs of 16-bit numbers, high half first, each as one 32-bit number
     * @param localPref sent to internal neighbours; 0 means 100
     */
    record BlackholeRoute(Prefix prefix, InetAddress nextHop, List<Integer> communities, long localPref)
            implements Announcement {
        public BlackholeRoute {
            communities = List.copyOf(communities);
        }

        /** The communities as people write them: {@code 65535:666 64500:1}. */
        public String writtenCommunities() {
            return communities.stream()
                    .map(community -> (community >>> 16) + ":" + (community & 0xFFFF))
                    .collect(Collectors.joining(" "));
        }

        /** As people write it: {@code blackhole 192.0.2.7/32 next-hop 198.51.100.1 community 65535:666}. */
        @Override
        public String toString() {
            return "blackhole " + prefix + " next-hop " + nextHop.getHostAddress()
                    + (communities.isEmpty() ? "" : " community " + writtenCommunities())
                    + (localPref == 0 ? "" : " local-pref " + localPref);
        }
    }

    /**
     * A FlowSpec rule (RFC 8955, RFC 8956).
     *
     * @param protocol IP protocol, -1 for any
     * @param sourcePort -1 for any
     * @param destinationPort -1 for any
     * @param tcpFlags flags that must all be set, 0 for any
     * @param tcpFlagsAbsent flags that must all be clear, 0 for any; a SYN flood is SYN set and ACK clear, so that answers
     *     to the victim's own connections pass
     * @param fragment true matches fragments only
     * @param rateBytes bytes a second let through; 0 discards
     */
    record FlowSpecRule(
            @Nullable Prefix destination,
            @Nullable Prefix source,
            int protocol,
            int sourcePort,
            int destinationPort,
            int tcpFlags,
            int tcpFlagsAbsent,
            boolean fragment,
            double rateBytes)
            implements Announcement {
        /** A rule that asks for no clear TCP flag. */
        public FlowSpecRule(
                @Nullable Prefix destination,
                @Nullable Prefix source,
                int protocol,
                int sourcePort,
                int destinationPort,
                int tcpFlags,
                boolean fragment,
                double rateBytes) {
            this(destination, source, protocol, sourcePort, destinationPort, tcpFlags, 0, fragment, rateBytes);
        }

        /** True when nothing but addresses is matched, so that everything to or from them is. */
        public boolean matchesAddressesOnly() {
            return protocol < 0
                    && sourcePort < 0
                    && destinationPort < 0
                    && tcpFlags == 0
                    && tcpFlagsAbsent == 0
                    && !fragment;
        }
    }
}
