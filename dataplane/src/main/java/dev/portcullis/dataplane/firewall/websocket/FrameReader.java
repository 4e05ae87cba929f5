package dev.portcullis.dataplane.firewall.websocket;

import io.netty.buffer.ByteBuf;

/**
 * Finds the frames in what one side sends (RFC 6455 section 5.2), and refuses what the standard forbids as soon as it shows.
 * No extension is ever negotiated, so reserved bits are always an error. Not thread-safe.
 */
final class FrameReader {
    private static final int SHORTEST_HEADER = 2;
    private static final int FIN = 0x80;
    private static final int RESERVED = 0x70;
    private static final int MASKED = 0x80;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int LONGEST_CONTROL = 125;

    private final boolean masked;
    private final int largest;
    private int opcode;
    private boolean last;
    private int headerLength;
    private int payloadLength;
    private int mask;

    /**
     * A reader.
     *
     * @param masked true for what a client sends
     * @param largest bytes of payload at most
     */
    FrameReader(boolean masked, int largest) {
        this.masked = masked;
        this.largest = largest;
    }

    /**
     * Looks at the frame that begins at the reader index of {@code in}, which stays.
     *
     * @return true when it is complete
     */
    boolean look(ByteBuf in) throws ProtocolViolation {
        if (in.readableBytes() < SHORTEST_HEADER) {
            return false;
        }
        var at = in.readerIndex();
        var first = in.getUnsignedByte(at);
        var second = in.getUnsignedByte(at + 1);
        opcode = first & 0x0f;
        last = (first & FIN) != 0;
        checkFirst(first, second);
        var shortLength = second & 0x7f;
        var lengthBytes = shortLength == LENGTH_16 ? 2 : shortLength == LENGTH_64 ? 8 : 0;
        headerLength = SHORTEST_HEADER + lengthBytes + (masked ? 4 : 0);
        if (in.readableBytes() < SHORTEST_HEADER + lengthBytes) {
            return false;
        }
        var length = shortLength == LENGTH_16
                ? in.getUnsignedShort(at + SHORTEST_HEADER)
                : shortLength == LENGTH_64 ? in.getLong(at + SHORTEST_HEADER) : shortLength;
        var minimal = lengthBytes == 0 || (lengthBytes == 2 ? length >= LENGTH_16 : length < 0 || length > 0xffff);
        if (length < 0 || !minimal) {
            throw violation("length", "a frame's length is not written in the fewest bytes");
        }
        if (length > largest) {
            throw tooBig(largest);
        }
        payloadLength = (int) length;
        if (in.readableBytes() < headerLength + payloadLength) {
            return false;
        }
        mask = masked ? in.getInt(at + headerLength - 4) : 0;
        return true;
    }

    private void checkFirst(int first, int second) throws ProtocolViolation {
        if ((first & RESERVED) != 0) {
            throw violation("reserved-bits", "a frame has reserved bits set, and no extension was agreed on");
        }
        if (!Opcode.isKnown(opcode)) {
            throw violation("opcode", "a frame has a reserved opcode");
        }
        if (Opcode.isControl(opcode) && (!last || (second & 0x7f) > LONGEST_CONTROL)) {
            throw violation("control-frame", "a control frame is fragmented or longer than 125 bytes");
        }
        if ((second & MASKED) != 0 != masked) {
            throw violation("masking", masked ? "a client's frame is not masked" : "a server's frame is masked");
        }
    }

    private static ProtocolViolation violation(String rule, String message) {
        return new ProtocolViolation(CloseCode.PROTOCOL_ERROR, rule, message);
    }

    /** A message longer than it may be. */
    static ProtocolViolation tooBig(int largest) {
        return new ProtocolViolation(
                CloseCode.TOO_BIG, "message-size", "a message is longer than the " + largest + " bytes it may have");
    }

    int opcode() {
        return opcode;
    }

    /** True for the last frame of a message. */
    boolean last() {
        return last;
    }

    /** Bytes of header and payload. */
    int length() {
        return headerLength + payloadLength;
    }

    int payloadLength() {
        return payloadLength;
    }

    /** Bytes before the payload. */
    int headerLength() {
        return headerLength;
    }

    /** The masking key, 0 where there is none. */
    int mask() {
        return mask;
    }
}
