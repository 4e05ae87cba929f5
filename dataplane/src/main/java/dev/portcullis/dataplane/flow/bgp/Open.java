package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Notification.OPEN_MESSAGE_ERROR;

import io.netty.buffer.ByteBuf;
import java.util.EnumSet;
import java.util.Set;

/**
 * An OPEN (RFC 4271 section 4.2) with the capabilities this speaker knows (RFC 5492).
 *
 * @param asn the AS of capability 65 where given (RFC 6793 section 3), else of the fixed field
 * @param holdSeconds 0, or 3 to 65535
 * @param identifier BGP identifier, never 0
 * @param multiprotocol whether capability 1 was there at all, with families of this speaker or not (RFC 4760 section 8)
 * @param families those of capability 1 this speaker knows
 * @param fourOctetAs capability 65
 * @param routeRefresh capability 2 (RFC 2918)
 * @param extendedMessage capability 6 (RFC 8654)
 */
record Open(
        long asn,
        int holdSeconds,
        int identifier,
        boolean multiprotocol,
        Set<AddressFamily> families,
        boolean fourOctetAs,
        boolean routeRefresh,
        boolean extendedMessage)
        implements Message {
    /** Stands for an AS that does not fit two octets (RFC 6793 section 9). */
    static final int AS_TRANS = 23456;

    private static final int VERSION = 4;
    private static final int CAPABILITIES = 2;
    private static final int EXTENDED_LENGTH = 255;

    private static final int MULTIPROTOCOL = 1;
    private static final int ROUTE_REFRESH = 2;
    private static final int EXTENDED_MESSAGE = 6;
    private static final int GRACEFUL_RESTART = 64;
    private static final int FOUR_OCTET_AS = 65;

    private static final int UNSPECIFIC = 0;
    private static final int UNSUPPORTED_VERSION = 1;
    private static final int BAD_PEER_AS = 2;
    private static final int BAD_IDENTIFIER = 3;
    private static final int UNSUPPORTED_PARAMETER = 4;
    private static final int UNACCEPTABLE_HOLD_TIME = 6;

    /** What this speaker says to {@code peer}. */
    static Open to(Peer peer) {
        return new Open(
                peer.localAsn(), peer.holdSeconds(), peer.identifier(), true, peer.families(), true, true, true);
    }

    /** The field for {@code asn} where only two octets are allowed. */
    static int twoOctets(long asn) {
        return asn > 0xFFFF ? AS_TRANS : (int) asn;
    }

    void encode(ByteBuf out) {
        out.writeByte(VERSION).writeShort(twoOctets(asn)).writeShort(holdSeconds);
        out.writeInt(identifier);
        var parameters = out.writerIndex();
        out.writeByte(0).writeByte(CAPABILITIES).writeByte(0);
        for (var family : families) {
            out.writeByte(MULTIPROTOCOL).writeByte(4);
            out.writeShort(family.afi()).writeByte(0).writeByte(family.safi());
        }
        if (routeRefresh) {
            out.writeByte(ROUTE_REFRESH).writeByte(0);
        }
        if (extendedMessage) {
            out.writeByte(EXTENDED_MESSAGE).writeByte(0);
        }
        // Restart State 0, restart time 0 and no family: "I send End-of-RIB and keep your routes over your restart, but
        // forget mine when I am gone" (RFC 4724 section 3). A ban nobody watches any more must not outlive its speaker.
        out.writeByte(GRACEFUL_RESTART).writeByte(2).writeShort(0);
        if (fourOctetAs) {
            out.writeByte(FOUR_OCTET_AS).writeByte(4).writeInt((int) asn);
        }
        var length = out.writerIndex() - parameters - 3;
        out.setByte(parameters, length + 2).setByte(parameters + 2, length);
    }

    /**
     * Reads the body of an OPEN.
     *
     * @throws MalformedMessageException with the subcode of RFC 4271 section 6.2
     */
    static Open decode(ByteBuf body) throws MalformedMessageException {
        var version = body.readUnsignedByte();
        if (version != VERSION) {
            throw new MalformedMessageException(OPEN_MESSAGE_ERROR, UNSUPPORTED_VERSION, (byte) 0, (byte) VERSION);
        }
        var asn = body.readUnsignedShort();
        var holdSeconds = body.readUnsignedShort();
        if (holdSeconds == 1 || holdSeconds == 2) {
            throw new MalformedMessageException(OPEN_MESSAGE_ERROR, UNACCEPTABLE_HOLD_TIME);
        }
        var identifier = body.readInt();
        if (identifier == 0) {
            throw new MalformedMessageException(OPEN_MESSAGE_ERROR, BAD_IDENTIFIER);
        }
        var capabilities = new Capabilities(asn);
        readParameters(body, capabilities);
        if (capabilities.asn == 0) {
            throw new MalformedMessageException(OPEN_MESSAGE_ERROR, BAD_PEER_AS); // RFC 7607
        }
        return new Open(
                capabilities.asn,
                holdSeconds,
                identifier,
                capabilities.multiprotocol,
                capabilities.families,
                capabilities.fourOctetAs,
                capabilities.routeRefresh,
                capabilities.extendedMessage);
    }

    private static void readParameters(ByteBuf body, Capabilities capabilities) throws MalformedMessageException {
        var length = (int) body.readUnsignedByte();
        var extended = length != 0 && body.isReadable() && body.getUnsignedByte(body.readerIndex()) == EXTENDED_LENGTH;
        if (extended) { // RFC 9072 section 2
            require(body, 3);
            body.skipBytes(1);
            length = body.readUnsignedShort();
        }
        if (length != body.readableBytes()) {
            throw malformed();
        }
        while (body.isReadable()) {
            require(body, extended ? 3 : 2);
            var type = body.readUnsignedByte();
            var size = extended ? body.readUnsignedShort() : body.readUnsignedByte();
            require(body, size);
            if (type != CAPABILITIES) {
                throw new MalformedMessageException(OPEN_MESSAGE_ERROR, UNSUPPORTED_PARAMETER);
            }
            capabilities.read(body.readSlice(size));
        }
    }

    private static void require(ByteBuf in, int octets) throws MalformedMessageException {
        if (in.readableBytes() < octets) {
            throw malformed();
        }
    }

    private static MalformedMessageException malformed() {
        return new MalformedMessageException(OPEN_MESSAGE_ERROR, UNSPECIFIC);
    }

    private static final class Capabilities {
        private final EnumSet<AddressFamily> families = EnumSet.noneOf(AddressFamily.class);
        private long asn;
        private boolean multiprotocol;
        private boolean fourOctetAs;
        private boolean routeRefresh;
        private boolean extendedMessage;

        Capabilities(int asn) {
            this.asn = asn;
        }

        void read(ByteBuf in) throws MalformedMessageException {
            while (in.isReadable()) {
                require(in, 2);
                var code = in.readUnsignedByte();
                var length = in.readUnsignedByte();
                require(in, length);
                readOne(code, in.readSlice(length));
            }
        }

        private void readOne(int code, ByteBuf value) throws MalformedMessageException {
            switch (code) {
                case MULTIPROTOCOL -> {
                    requireLength(value, 4);
                    multiprotocol = true;
                    var afi = value.readUnsignedShort();
                    value.skipBytes(1);
                    var family = AddressFamily.of(afi, value.readUnsignedByte());
                    if (family != null) {
                        families.add(family);
                    }
                }
                case ROUTE_REFRESH -> routeRefresh = true;
                case EXTENDED_MESSAGE -> extendedMessage = true;
                case FOUR_OCTET_AS -> {
                    requireLength(value, 4);
                    fourOctetAs = true;
                    asn = value.readUnsignedInt();
                }
                default -> {
                    // Unknown or without meaning for a speaker that learns nothing: RFC 5492 section 4 says to ignore
                    // it.
                }
            }
        }

        private static void requireLength(ByteBuf value, int length) throws MalformedMessageException {
            if (value.readableBytes() != length) {
                throw malformed();
            }
        }
    }
}
