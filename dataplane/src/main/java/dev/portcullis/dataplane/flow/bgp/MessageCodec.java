package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Notification.MESSAGE_HEADER_ERROR;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.Consumer;

/**
 * The message header (RFC 4271 section 4.1) and what follows it. As a handler it turns bytes into {@link Message}s; after
 * one {@link Malformed} it reads no further. It never throws for what a neighbour sent, and holds at most one message.
 */
final class MessageCodec extends ByteToMessageDecoder {
    static final int HEADER_LENGTH = 19;
    static final int MAX_LENGTH = 4_096;
    /** RFC 8654 section 4. */
    static final int MAX_EXTENDED_LENGTH = 65_535;

    private static final int MARKER_LENGTH = 16;
    private static final int OPEN = 1;
    private static final int UPDATE = 2;
    private static final int NOTIFICATION = 3;
    private static final int KEEPALIVE = 4;
    private static final int ROUTE_REFRESH = 5;

    private static final int NOT_SYNCHRONIZED = 1;
    private static final int BAD_LENGTH = 2;
    private static final int BAD_TYPE = 3;

    private int maxLength = MAX_LENGTH;
    private boolean broken;

    /** Takes longer messages from now on, both sides having agreed to. */
    void allowExtendedMessages() {
        maxLength = MAX_EXTENDED_LENGTH;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        try {
            if (in.readableBytes() < HEADER_LENGTH) {
                checkMarker(in);
                return;
            }
            var length = checkedLength(in);
            if (in.readableBytes() >= length) {
                var message = in.readSlice(length);
                var type = message.getUnsignedByte(MARKER_LENGTH + 2);
                out.add(decodeBody(type, message.skipBytes(HEADER_LENGTH)));
            }
        } catch (MalformedMessageException malformed) {
            broken = true;
            in.skipBytes(in.readableBytes());
            out.add(new Malformed(malformed.reply()));
        }
    }

    private int checkedLength(ByteBuf in) throws MalformedMessageException {
        checkMarker(in);
        var start = in.readerIndex();
        var length = in.getUnsignedShort(start + MARKER_LENGTH);
        var type = in.getUnsignedByte(start + MARKER_LENGTH + 2);
        var fits =
                switch (type) {
                    case OPEN -> length >= HEADER_LENGTH + 10 && length <= MAX_LENGTH;
                    case UPDATE -> length >= HEADER_LENGTH + 4 && length <= maxLength;
                    case NOTIFICATION -> length >= HEADER_LENGTH + 2 && length <= maxLength;
                    case KEEPALIVE -> length == HEADER_LENGTH;
                    case ROUTE_REFRESH -> length == HEADER_LENGTH + 4;
                    default -> throw new MalformedMessageException(MESSAGE_HEADER_ERROR, BAD_TYPE, (byte) type);
                };
        if (!fits) {
            throw new MalformedMessageException(MESSAGE_HEADER_ERROR, BAD_LENGTH, (byte) (length >>> 8), (byte) length);
        }
        return length;
    }

    /** As much of the marker as there is must be ones, so that noise is refused before a message's worth of it arrives. */
    private static void checkMarker(ByteBuf in) throws MalformedMessageException {
        var start = in.readerIndex();
        var end = start + Math.min(MARKER_LENGTH, in.readableBytes());
        for (var i = start; i < end; i++) {
            if (in.getByte(i) != -1) {
                throw new MalformedMessageException(MESSAGE_HEADER_ERROR, NOT_SYNCHRONIZED);
            }
        }
    }

    private static Message decodeBody(int type, ByteBuf body) throws MalformedMessageException {
        return switch (type) {
            case OPEN -> Open.decode(body);
            case UPDATE -> UpdateCodec.decode(body);
            case NOTIFICATION -> Notification.decode(body);
            case KEEPALIVE -> new Message.Keepalive();
            default -> decodeRouteRefresh(body);
        };
    }

    private static Message decodeRouteRefresh(ByteBuf body) {
        var afi = body.readUnsignedShort();
        body.skipBytes(1);
        return new Message.RouteRefresh(AddressFamily.of(afi, body.readUnsignedByte()));
    }

    static ByteBuf open(ByteBufAllocator allocator, Open open) {
        return message(allocator, OPEN, open::encode);
    }

    static ByteBuf update(ByteBufAllocator allocator, Consumer<ByteBuf> body) {
        return message(allocator, UPDATE, body);
    }

    static ByteBuf notification(ByteBufAllocator allocator, Notification notification) {
        return message(allocator, NOTIFICATION, notification::encode);
    }

    static ByteBuf keepalive(ByteBufAllocator allocator) {
        return message(allocator, KEEPALIVE, body -> {});
    }

    private static ByteBuf message(ByteBufAllocator allocator, int type, Consumer<ByteBuf> body) {
        var out = allocator.buffer(256, MAX_LENGTH);
        out.writeLong(-1).writeLong(-1).writeShort(0).writeByte(type);
        body.accept(out);
        return out.setShort(MARKER_LENGTH, out.writerIndex());
    }
}
