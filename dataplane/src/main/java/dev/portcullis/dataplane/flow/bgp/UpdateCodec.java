package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Notification.UPDATE_MESSAGE_ERROR;

import io.netty.buffer.ByteBuf;
import java.util.List;

/** UPDATE (RFC 4271 section 4.3, RFC 4760 sections 3 and 4), one kind of content in each (RFC 7606 section 5.1). */
final class UpdateCodec {
    /** Most octets of routes in one UPDATE: what header, lengths, MP_REACH_NLRI and the longest attributes leave. */
    static final int MAX_NLRI_LENGTH =
            MessageCodec.MAX_LENGTH - MessageCodec.HEADER_LENGTH - 4 - 25 - PathAttributes.MAX_LENGTH;

    private static final int OPTIONAL = 0x80;
    private static final int EXTENDED_LENGTH = 0x10;
    private static final int MP_REACH_NLRI = 14;
    private static final int MP_UNREACH_NLRI = 15;
    private static final int MALFORMED_ATTRIBUTE_LIST = 1;

    private UpdateCodec() {}

    /** Writes the body that announces {@code routes}, all of {@code family} with {@code attributes}. */
    static void encodeReach(
            ByteBuf out, AddressFamily family, PathAttributes attributes, List<Nlri> routes, Negotiated negotiated) {
        out.writeShort(0);
        var start = out.writerIndex();
        out.writeShort(0);
        if (family != AddressFamily.IPV4_UNICAST) {
            // First, so that a neighbour that finds a later attribute broken still knows the routes (RFC 7606 section
            // 5.1).
            encodeMpReach(out, family, attributes, routes);
        }
        attributes.encode(out, family, negotiated);
        out.setShort(start, out.writerIndex() - start - 2);
        if (family == AddressFamily.IPV4_UNICAST) {
            routes.forEach(route -> route.writeTo(out));
        }
    }

    private static void encodeMpReach(ByteBuf out, AddressFamily family, PathAttributes attributes, List<Nlri> routes) {
        var nextHop = attributes.nextHop() == null
                ? new byte[0]
                : attributes.nextHop().getAddress();
        mpAttribute(out, MP_REACH_NLRI, family, 1 + nextHop.length + 1 + length(routes));
        out.writeByte(nextHop.length).writeBytes(nextHop).writeByte(0);
        routes.forEach(route -> route.writeTo(out));
    }

    /** Writes the body that withdraws {@code routes} of {@code family}; without routes it is the End-of-RIB marker of it. */
    static void encodeUnreach(ByteBuf out, AddressFamily family, List<Nlri> routes) {
        var length = length(routes);
        if (family == AddressFamily.IPV4_UNICAST) {
            out.writeShort(length);
            routes.forEach(route -> route.writeTo(out));
            out.writeShort(0);
            return;
        }
        out.writeShort(0);
        var start = out.writerIndex();
        out.writeShort(0);
        mpAttribute(out, MP_UNREACH_NLRI, family, length);
        routes.forEach(route -> route.writeTo(out));
        out.setShort(start, out.writerIndex() - start - 2);
    }

    /** Writes the body that says the initial table is complete (RFC 4724 section 2). */
    static void encodeEndOfRib(ByteBuf out, AddressFamily family) {
        encodeUnreach(out, family, List.of());
    }

    /**
     * Checks that the lengths of a received UPDATE fit into it. Its routes and attributes are not read: a speaker that
     * learns nothing has nothing that RFC 7606 could tell it to withdraw, and no reason to end a session over them.
     *
     * @throws MalformedMessageException when they do not (RFC 4271 section 6.3)
     */
    static Message.Update decode(ByteBuf body) throws MalformedMessageException {
        skipField(body);
        skipField(body);
        return new Message.Update();
    }

    private static void skipField(ByteBuf body) throws MalformedMessageException {
        if (body.readableBytes() < 2) {
            throw new MalformedMessageException(UPDATE_MESSAGE_ERROR, MALFORMED_ATTRIBUTE_LIST);
        }
        var length = body.readUnsignedShort();
        if (body.readableBytes() < length) {
            throw new MalformedMessageException(UPDATE_MESSAGE_ERROR, MALFORMED_ATTRIBUTE_LIST);
        }
        body.skipBytes(length);
    }

    private static void mpAttribute(ByteBuf out, int type, AddressFamily family, int length) {
        var total = 3 + length;
        if (total > 255) {
            out.writeByte(OPTIONAL | EXTENDED_LENGTH).writeByte(type).writeShort(total);
        } else {
            out.writeByte(OPTIONAL).writeByte(type).writeByte(total);
        }
        out.writeShort(family.afi()).writeByte(family.safi());
    }

    private static int length(List<Nlri> routes) {
        var length = 0;
        for (var route : routes) {
            length += route.length();
        }
        return length;
    }
}
