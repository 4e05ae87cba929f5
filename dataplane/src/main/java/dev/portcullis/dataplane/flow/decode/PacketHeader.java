package dev.portcullis.dataplane.flow.decode;

/**
 * Reads the first bytes of a sampled packet: link layer (Ethernet, 802.1Q and 802.1ad tags, MPLS, PPPoE, PPP), then
 * IPv4 with options or IPv6 with extension headers, then ports and flags. The outermost IP header counts, or the innermost
 * one in GRE (RFC 2784, 2890), IP in IP (RFC 2003, 2473, 4213) and VXLAN (RFC 7348). Bytes are those from that IP header
 * on, as NetFlow counts them, so that both share one limit.
 */
final class PacketHeader {
    static final int ETHERNET = 1;
    private static final int PPP = 7;
    /** Of either version: the first half byte says which. */
    static final int IP = 11;

    private static final int IPV6 = 12;
    private static final int MPLS = 13;

    /** Tunnels looked into, one in the other. */
    private static final int MOST_TUNNELS = 4;

    private static final int VXLAN_PORT = 4789;

    private static final int MOST_TAGS = 8;
    private static final int MOST_LABELS = 16;
    private static final int MOST_EXTENSIONS = 8;

    private static final int NOT_IP = -1;
    private static final int BROKEN = -2;

    private PacketHeader() {}

    /** True for the values of sFlow's header protocol that can be read. */
    static boolean knows(int protocol) {
        return switch (protocol) {
            case ETHERNET, PPP, IP, IPV6, MPLS -> true;
            default -> false;
        };
    }

    /**
     * Reads a header into {@code flow}, which has been cleared; {@code packets} stays 0 when it is no IP packet.
     *
     * @param frame length of the whole packet on the wire, link layer included
     * @param inner true takes the innermost IP header there is of a tunnel
     * @return false when the header is cut off before the end of the IP header, or no header at all
     */
    static boolean read(FlowRecord flow, int protocol, byte[] data, int start, int length, int frame, boolean inner) {
        var end = start + length;
        var ip =
                switch (protocol) {
                    case ETHERNET -> ethernet(data, start, end);
                    case PPP -> ppp(data, start, end);
                    case MPLS -> mpls(data, start, end);
                    default -> start;
                };
        if (ip == NOT_IP) {
            return true;
        }
        if (ip == BROKEN || ip >= end) {
            return false;
        }
        return ip(flow, data, ip, end, Math.max(0, frame - (ip - start)), inner ? MOST_TUNNELS : 0);
    }

    private static boolean ip(FlowRecord flow, byte[] data, int at, int end, int onWire, int tunnels) {
        var version = BigEndian.u8(data, at) >>> 4;
        if (version == 4) {
            return ipv4(flow, data, at, end, onWire, tunnels);
        }
        return version == 6 && ipv6(flow, data, at, end, onWire, tunnels);
    }

    private static int ethernet(byte[] data, int start, int end) {
        var at = start + 12;
        for (var tags = 0; tags <= MOST_TAGS; tags++) {
            if (end - at < 2) {
                return BROKEN;
            }
            var type = BigEndian.u16(data, at);
            at += 2;
            switch (type) {
                case 0x8100, 0x88A8, 0x9100 -> at += 2;
                case 0x0800, 0x86DD -> {
                    return at;
                }
                case 0x8847, 0x8848 -> {
                    return mpls(data, at, end);
                }
                case 0x8864 -> {
                    return ppp(data, at + 6, end);
                }
                default -> {
                    return NOT_IP;
                }
            }
        }
        return NOT_IP;
    }

    private static int ppp(byte[] data, int start, int end) {
        var at = start;
        // Address and control bytes of PPP in HDLC framing.
        if (end - at >= 2 && BigEndian.u16(data, at) == 0xFF03) {
            at += 2;
        }
        if (end - at < 2) {
            return BROKEN;
        }
        return switch (BigEndian.u16(data, at)) {
            case 0x0021, 0x0057 -> at + 2;
            case 0x0281 -> mpls(data, at + 2, end);
            default -> NOT_IP;
        };
    }

    private static int mpls(byte[] data, int start, int end) {
        var at = start;
        for (var labels = 0; labels < MOST_LABELS; labels++) {
            if (end - at < 4) {
                return BROKEN;
            }
            var bottom = (BigEndian.u8(data, at + 2) & 1) != 0;
            at += 4;
            if (bottom) {
                if (at >= end) {
                    return BROKEN;
                }
                // Nothing says what the label stack carries but its first half byte (RFC 4928).
                var version = BigEndian.u8(data, at) >>> 4;
                return version == 4 || version == 6 ? at : NOT_IP;
            }
        }
        return NOT_IP;
    }

    private static boolean ipv4(FlowRecord flow, byte[] data, int at, int end, int onWire, int tunnels) {
        if (end - at < 20) {
            return false;
        }
        var header = (BigEndian.u8(data, at) & 0xF) * 4;
        if (header < 20) {
            return false;
        }
        var total = BigEndian.u16(data, at + 2);
        // Packets that the card segments have no length yet.
        flow.bytes = total >= header && total <= onWire ? total : onWire;
        flow.packets = 1;
        flow.sourceHigh = 0;
        flow.sourceLow = IpBits.v4(BigEndian.i32(data, at + 12));
        flow.destinationHigh = 0;
        flow.destinationLow = IpBits.v4(BigEndian.i32(data, at + 16));
        var fragment = BigEndian.u16(data, at + 6);
        flow.fragment = (fragment & 0x3FFF) != 0;
        flow.ipProtocol = BigEndian.u8(data, at + 9);
        if ((fragment & 0x1FFF) == 0) {
            payload(flow, data, at + header, end, onWire - header, tunnels);
        }
        return true;
    }

    private static boolean ipv6(FlowRecord flow, byte[] data, int start, int end, int onWire, int tunnels) {
        if (end - start < 40) {
            return false;
        }
        var total = 40 + BigEndian.u16(data, start + 4);
        flow.bytes = total > 40 && total <= onWire ? total : onWire;
        flow.packets = 1;
        flow.fragment = false;
        flow.sourceHigh = BigEndian.i64(data, start + 8);
        flow.sourceLow = BigEndian.i64(data, start + 16);
        flow.destinationHigh = BigEndian.i64(data, start + 24);
        flow.destinationLow = BigEndian.i64(data, start + 32);
        var next = BigEndian.u8(data, start + 6);
        var at = start + 40;
        for (var extensions = 0; extensions < MOST_EXTENSIONS; extensions++) {
            flow.ipProtocol = next;
            switch (next) {
                case 0, 43, 60, 135, 139, 140 -> {
                    if (end - at < 8) {
                        return true;
                    }
                    next = BigEndian.u8(data, at);
                    at += 8 + 8 * BigEndian.u8(data, at + 1);
                }
                case 51 -> {
                    if (end - at < 8) {
                        return true;
                    }
                    next = BigEndian.u8(data, at);
                    at += 8 + 4 * BigEndian.u8(data, at + 1);
                }
                case 44 -> {
                    flow.fragment = true;
                    if (end - at < 8) {
                        return true;
                    }
                    next = BigEndian.u8(data, at);
                    // One that is whole is none (RFC 6946): offset 0, and no more of it.
                    flow.fragment = (BigEndian.u16(data, at + 2) & 0xFFF9) != 0;
                    if ((BigEndian.u16(data, at + 2) & 0xFFF8) != 0) {
                        flow.ipProtocol = next;
                        return true;
                    }
                    at += 8;
                }
                default -> {
                    payload(flow, data, at, end, onWire - (at - start), tunnels);
                    return true;
                }
            }
        }
        return true;
    }

    private static void payload(FlowRecord flow, byte[] data, int at, int end, int onWire, int tunnels) {
        if (tunnels > 0) {
            var inside = tunnelled(flow.ipProtocol, data, at, end);
            // An inner header that is cut off leaves the outer one, which is whole.
            if (inside >= 0
                    && inside < end
                    && ip(flow, data, inside, end, Math.max(0, onWire - (inside - at)), tunnels - 1)) {
                return;
            }
        }
        transport(flow, data, at, end);
    }

    /** Where the IP header inside a tunnel starts, or a negative number. */
    private static int tunnelled(int ipProtocol, byte[] data, int at, int end) {
        return switch (ipProtocol) {
            case 4, 41 -> at;
            case 47 -> gre(data, at, end);
            case 17 ->
                end - at >= 16 && BigEndian.u16(data, at + 2) == VXLAN_PORT && (data[at + 8] & 0x08) != 0
                        ? ethernet(data, at + 16, end)
                        : NOT_IP;
            default -> NOT_IP;
        };
    }

    private static int gre(byte[] data, int start, int end) {
        if (end - start < 4) {
            return BROKEN;
        }
        var flags = BigEndian.u16(data, start);
        // Version 1 is PPTP; source routes (bit 1) have been out of use since RFC 2784.
        if ((flags & 0x4007) != 0) {
            return NOT_IP;
        }
        var at = start + 4 + 4 * Integer.bitCount(flags & 0xB000);
        return switch (BigEndian.u16(data, start + 2)) {
            case 0x0800, 0x86DD -> at;
            case 0x6558 -> ethernet(data, at, end);
            case 0x8847, 0x8848 -> mpls(data, at, end);
            default -> NOT_IP;
        };
    }

    private static void transport(FlowRecord flow, byte[] data, int at, int end) {
        switch (flow.ipProtocol) {
            case 6 -> {
                if (end - at >= 4) {
                    flow.sourcePort = BigEndian.u16(data, at);
                    flow.destinationPort = BigEndian.u16(data, at + 2);
                }
                if (end - at >= 14) {
                    flow.tcpFlags = BigEndian.u8(data, at + 13);
                }
            }
            case 17, 33, 132, 136 -> {
                if (end - at >= 4) {
                    flow.sourcePort = BigEndian.u16(data, at);
                    flow.destinationPort = BigEndian.u16(data, at + 2);
                }
            }
            default -> {}
        }
    }
}
