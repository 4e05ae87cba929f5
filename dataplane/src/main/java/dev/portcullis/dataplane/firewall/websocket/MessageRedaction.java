package dev.portcullis.dataplane.firewall.websocket;

import dev.portcullis.dataplane.firewall.redact.JsonRedaction;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.RequestScanner;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Replaces values in the text messages of a client that are JSON; where others have such values that is a finding. */
final class MessageRedaction {
    private static final SecureRandom MASKS = new SecureRandom();
    private static final int SMALL = 126;
    private static final int MEDIUM = 1 << 16;

    /**
     * What became of a message.
     *
     * @param text the message as it goes on, where it was changed
     * @param counts how many different values of each class were replaced
     */
    record Result(byte @Nullable [] text, List<Finding> findings, Map<String, Integer> counts) {}

    private final RequestScanner scanner;

    private MessageRedaction(RequestScanner scanner) {
        this.scanner = scanner;
    }

    /** The redaction of a policy, or null where it redacts nothing. */
    static @Nullable MessageRedaction of(RequestScanner scanner) {
        return scanner.redacts() ? new MessageRedaction(scanner) : null;
    }

    /** Redacts one whole message. */
    Result redact(ByteBuffer message) {
        if (structured(message)) {
            var out = Unpooled.buffer(message.remaining());
            try (var json =
                    new JsonRedaction("application/json", scanner::openRedaction, UnpooledByteBufAllocator.DEFAULT)) {
                json.feed(Unpooled.wrappedBuffer(message.duplicate()), piece -> take(out, piece));
                json.finish(piece -> take(out, piece));
                if (json.findings().isEmpty()) {
                    return new Result(json.done() == null ? null : bytes(out), List.of(), json.counts());
                }
            }
        }
        var check = scanner.openRedactionCheck("text/plain");
        if (check == null) {
            return new Result(null, List.of(), Map.of());
        }
        check.feed(message.duplicate());
        check.finish();
        return new Result(null, List.copyOf(check.findings()), Map.of());
    }

    /** True for objects and arrays; what is neither is as well read as text. */
    private static boolean structured(ByteBuffer message) {
        for (var i = message.position(); i < message.limit(); i++) {
            var b = message.get(i);
            if (b > ' ') {
                return b == '{' || b == '[';
            }
        }
        return false;
    }

    private static void take(ByteBuf out, ByteBuf piece) {
        out.writeBytes(piece);
        piece.release();
    }

    private static byte[] bytes(ByteBuf out) {
        var bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    /** A text message in one frame of a client, masked with a new key (RFC 6455 section 5.3). */
    static ByteBuf frame(byte[] text) {
        var key = new byte[4];
        MASKS.nextBytes(key);
        var frame = Unpooled.buffer(14 + text.length).writeByte(0x80 | Opcode.TEXT);
        if (text.length < SMALL) {
            frame.writeByte(0x80 | text.length);
        } else if (text.length < MEDIUM) {
            frame.writeByte(0x80 | SMALL).writeShort(text.length);
        } else {
            frame.writeByte(0x80 | SMALL + 1).writeLong(text.length);
        }
        frame.writeBytes(key);
        for (var i = 0; i < text.length; i++) {
            frame.writeByte(text[i] ^ key[i & 3]);
        }
        return frame;
    }
}
