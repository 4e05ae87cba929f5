package dev.portcullis.dataplane.firewall.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/** Frames that say why a WebSocket ends (RFC 6455 section 5.5.1). */
final class CloseFrame {
    /** What a control frame has room for, 125 bytes, without the code. */
    private static final int LONGEST_REASON = 123;

    private CloseFrame() {}

    /**
     * One for a client.
     *
     * @param why in ASCII; what of it does not fit is left out
     */
    static ByteBuf toClient(ByteBufAllocator alloc, int code, String why) {
        return of(alloc, code, why, false);
    }

    /** One for a server: the same, masked as all that clients send. */
    static ByteBuf toServer(ByteBufAllocator alloc, int code, String why) {
        return of(alloc, code, why, true);
    }

    private static ByteBuf of(ByteBufAllocator alloc, int code, String why, boolean masked) {
        var reason = why.getBytes(StandardCharsets.US_ASCII);
        if (reason.length > LONGEST_REASON) {
            reason = Arrays.copyOf(reason, LONGEST_REASON);
        }
        var length = 2 + reason.length;
        var frame = alloc.buffer(6 + length);
        frame.writeByte(0x80 | Opcode.CLOSE).writeByte(length | (masked ? 0x80 : 0));
        var mask = masked ? ThreadLocalRandom.current().nextInt() : 0;
        if (masked) {
            frame.writeInt(mask);
        }
        frame.writeByte(code >>> 8 ^ mask >>> 24).writeByte(code ^ mask >>> 16);
        for (var i = 0; i < reason.length; i++) {
            frame.writeByte(reason[i] ^ mask >>> 24 - 8 * ((i + 2) & 3));
        }
        return frame;
    }
}
