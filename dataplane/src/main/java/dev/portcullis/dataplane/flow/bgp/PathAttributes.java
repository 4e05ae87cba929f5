package dev.portcullis.dataplane.flow.bgp;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is said about routes, the same for every neighbour but for what {@link Negotiated} decides. Routes with equal
 * attributes share an UPDATE.
 *
 * @param nextHop null for FlowSpec, which has none (RFC 8955 section 4)
 * @param communities RFC 1997
 * @param localPref sent to internal neighbours only (RFC 4271 section 5.1.5)
 * @param trafficRate bytes a second (RFC 8955 section 7.1), null for unicast
 */
record PathAttributes(
        @Nullable InetAddress nextHop,
        List<Integer> communities,
        long localPref,
        @Nullable Float trafficRate) {
    /** Most communities a route may carry: as many as one attribute holds with a one-octet length. */
    static final int MAX_COMMUNITIES = 63;

    /** Most octets {@link #encode} writes. */
    static final int MAX_LENGTH = 4 + 9 + 9 + 7 + 7 + 3 + 4 * MAX_COMMUNITIES + 11;

    private static final int WELL_KNOWN = 0x40;
    private static final int OPTIONAL_TRANSITIVE = 0xC0;
    private static final int ORIGIN = 1;
    private static final int AS_PATH = 2;
    private static final int NEXT_HOP = 3;
    private static final int LOCAL_PREF = 5;
    private static final int COMMUNITIES = 8;
    private static final int EXTENDED_COMMUNITIES = 16;
    private static final int AS4_PATH = 17;

    private static final int INCOMPLETE = 2;
    private static final int AS_SEQUENCE = 2;
    private static final int TRAFFIC_RATE_BYTES = 0x8006;

    /** Writes all attributes but MP_REACH_NLRI, in ascending order of type (RFC 4271 section 5). */
    void encode(ByteBuf out, AddressFamily family, Negotiated negotiated) {
        attribute(out, WELL_KNOWN, ORIGIN, 1).writeByte(INCOMPLETE);
        encodeAsPath(out, negotiated);
        if (family == AddressFamily.IPV4_UNICAST && nextHop != null) {
            attribute(out, WELL_KNOWN, NEXT_HOP, 4).writeBytes(nextHop.getAddress());
        }
        if (negotiated.internal()) {
            attribute(out, WELL_KNOWN, LOCAL_PREF, 4).writeInt((int) localPref);
        }
        if (!communities.isEmpty()) {
            attribute(out, OPTIONAL_TRANSITIVE, COMMUNITIES, 4 * communities.size());
            for (var community : communities) {
                out.writeInt(community);
            }
        }
        if (trafficRate != null) {
            // The two octets of AS number are informational (RFC 8955 section 7.1); zero says nothing.
            attribute(out, OPTIONAL_TRANSITIVE, EXTENDED_COMMUNITIES, 8)
                    .writeShort(TRAFFIC_RATE_BYTES)
                    .writeShort(0)
                    .writeFloat(trafficRate);
        }
        if (!negotiated.internal() && !negotiated.fourOctetAs() && negotiated.localAsn() > 0xFFFF) {
            attribute(out, OPTIONAL_TRANSITIVE, AS4_PATH, 6)
                    .writeByte(AS_SEQUENCE)
                    .writeByte(1)
                    .writeInt((int) negotiated.localAsn());
        }
    }

    /** Empty inside the AS, our AS towards others (RFC 4271 section 5.1.2), in the width of RFC 6793 section 4. */
    private static void encodeAsPath(ByteBuf out, Negotiated negotiated) {
        if (negotiated.internal()) {
            attribute(out, WELL_KNOWN, AS_PATH, 0);
        } else if (negotiated.fourOctetAs()) {
            attribute(out, WELL_KNOWN, AS_PATH, 6)
                    .writeByte(AS_SEQUENCE)
                    .writeByte(1)
                    .writeInt((int) negotiated.localAsn());
        } else {
            attribute(out, WELL_KNOWN, AS_PATH, 4)
                    .writeByte(AS_SEQUENCE)
                    .writeByte(1)
                    .writeShort(Open.twoOctets(negotiated.localAsn()));
        }
    }

    private static ByteBuf attribute(ByteBuf out, int flags, int type, int length) {
        return out.writeByte(flags).writeByte(type).writeByte(length);
    }
}
