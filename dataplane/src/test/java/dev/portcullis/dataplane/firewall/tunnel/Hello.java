package dev.portcullis.dataplane.firewall.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** ClientHellos made by hand. */
public final class Hello {
    private Hello() {}

    /** A ClientHello in one record. */
    public static byte[] of(@Nullable String name) {
        return records(message(name), Integer.MAX_VALUE);
    }

    /** A ClientHello in records of at most {@code size} bytes of content. */
    public static byte[] split(String name, int size) {
        return records(message(name), size);
    }

    /** A ClientHello whose server name is {@code outer} and which carries an encrypted one (RFC 9849). */
    public static byte[] encrypted(String outer) {
        return records(message(outer, true), Integer.MAX_VALUE);
    }

    private static byte[] message(@Nullable String name) {
        return message(name, false);
    }

    private static byte[] records(byte[] message, int size) {
        var out = Unpooled.buffer();
        for (var at = 0; at < message.length; at += size) {
            var length = Math.min(size, message.length - at);
            out.writeByte(22).writeShort(0x0301).writeShort(length).writeBytes(message, at, length);
            if (size == Integer.MAX_VALUE) {
                break;
            }
        }
        return bytes(out);
    }

    private static byte[] message(@Nullable String name, boolean encrypted) {
        var extensions = Unpooled.buffer();
        extensions.writeShort(0x000a).writeShort(4).writeShort(2).writeShort(0x001d);
        if (name != null) {
            var host = name.getBytes(StandardCharsets.US_ASCII);
            extensions.writeShort(0).writeShort(host.length + 5).writeShort(host.length + 3);
            extensions.writeByte(0).writeShort(host.length).writeBytes(host);
        }
        if (encrypted) {
            // Outer, HKDF-SHA256 with AES-128-GCM, config 7, a key of 32 bytes, a payload of 100.
            extensions.writeShort(0xfe0d).writeShort(1 + 4 + 1 + 2 + 32 + 2 + 100);
            extensions.writeByte(0).writeShort(1).writeShort(1).writeByte(7);
            extensions.writeShort(32).writeZero(32).writeShort(100).writeZero(100);
        }
        var body = Unpooled.buffer();
        body.writeShort(0x0303).writeZero(32).writeByte(0);
        body.writeShort(2).writeShort(0x1301).writeByte(1).writeByte(0);
        body.writeShort(extensions.readableBytes()).writeBytes(extensions);
        var message = Unpooled.buffer();
        message.writeByte(1).writeMedium(body.readableBytes()).writeBytes(body);
        return bytes(message);
    }

    private static byte[] bytes(ByteBuf buffer) {
        var bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }
}
