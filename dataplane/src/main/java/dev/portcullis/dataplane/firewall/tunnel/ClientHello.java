package dev.portcullis.dataplane.firewall.tunnel;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the server name out of a TLS ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3), which may be spread over
 * several records (RFC 8446 section 5.1). Reads at most {@link #LARGEST} bytes and follows no length that leaves its frame.
 */
public final class ClientHello {
    /** Most bytes looked at. */
    public static final int LARGEST = 16 * 1024;

    /** What the bytes are. */
    public enum Kind {
        /** The beginning of a ClientHello: more bytes are needed. */
        INCOMPLETE,
        NOT_TLS,
        MALFORMED,
        NO_NAME,
        NAMED
    }

    /**
     * What was read.
     *
     * @param name the server name in lower case when {@code kind} is NAMED, else null
     * @param encrypted whether it carries an encrypted hello (RFC 9849), whose name may be another; clients also send a
     *     meaningless one with names that are what they mean
     */
    public record Result(Kind kind, @Nullable String name, boolean encrypted) {
        private static final Result INCOMPLETE = new Result(Kind.INCOMPLETE, null, false);
        private static final Result NOT_TLS = new Result(Kind.NOT_TLS, null, false);
        private static final Result MALFORMED = new Result(Kind.MALFORMED, null, false);
        private static final Result NO_NAME = new Result(Kind.NO_NAME, null, false);
    }

    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int RECORD_HEADER = 5;
    private static final int MESSAGE_HEADER = 4;
    private static final int LARGEST_RECORD = 16 * 1024;
    private static final int SERVER_NAME = 0;
    private static final int ENCRYPTED_CLIENT_HELLO = 0xfe0d;
    private static final int HOST_NAME = 0;

    private ClientHello() {}

    /** Reads {@code bytes} from the reader index on without moving it. */
    public static Result read(ByteBuf bytes) {
        var index = bytes.readerIndex();
        var end = bytes.writerIndex();
        if (index == end) {
            return Result.INCOMPLETE;
        }
        if (bytes.getUnsignedByte(index) != HANDSHAKE || index + 1 < end && bytes.getUnsignedByte(index + 1) != 3) {
            return Result.NOT_TLS;
        }
        var message = new byte[Math.min(end - index, LARGEST)];
        var length = 0;
        while (true) {
            var needed = length < MESSAGE_HEADER ? -1 : MESSAGE_HEADER + uint24(message, 1);
            if (length > 0 && message[0] != CLIENT_HELLO || needed > LARGEST) {
                return Result.MALFORMED;
            }
            if (needed >= 0 && length >= needed) {
                return hello(new Frame(message, MESSAGE_HEADER, needed));
            }
            if (end - index < RECORD_HEADER) {
                return end - bytes.readerIndex() >= LARGEST ? Result.MALFORMED : Result.INCOMPLETE;
            }
            var size = bytes.getUnsignedShort(index + 3);
            if (bytes.getUnsignedByte(index) != HANDSHAKE
                    || bytes.getUnsignedByte(index + 1) != 3
                    || size == 0
                    || size > LARGEST_RECORD) {
                return Result.MALFORMED;
            }
            var there = Math.min(size, end - index - RECORD_HEADER);
            if (length + there > message.length) {
                return Result.MALFORMED;
            }
            bytes.getBytes(index + RECORD_HEADER, message, length, there);
            length += there;
            if (there < size) {
                return partial(message, length, end - bytes.readerIndex());
            }
            index += RECORD_HEADER + size;
        }
    }

    /** What to make of a message whose last record is not here whole. */
    private static Result partial(byte[] message, int length, int looked) {
        var wrong = length > 0 && message[0] != CLIENT_HELLO
                || length >= MESSAGE_HEADER && MESSAGE_HEADER + uint24(message, 1) > LARGEST;
        return wrong || looked >= LARGEST ? Result.MALFORMED : Result.INCOMPLETE;
    }

    private static Result hello(Frame body) {
        try {
            body.skip(2 + 32);
            body.frame(1, 0, 32);
            body.frame(2, 2, 0xfffe);
            body.frame(1, 1, 255);
            if (body.left() == 0) {
                return Result.NO_NAME;
            }
            var extensions = body.frame(2, 0, 0xffff);
            String name = null;
            var encrypted = false;
            while (extensions.left() > 0) {
                var type = extensions.number(2);
                var data = extensions.frame(2, 0, 0xffff);
                encrypted |= type == ENCRYPTED_CLIENT_HELLO;
                if (type == SERVER_NAME) {
                    if (name != null) {
                        return Result.MALFORMED;
                    }
                    name = serverName(data);
                }
            }
            return name == null ? Result.NO_NAME : new Result(Kind.NAMED, name, encrypted);
        } catch (Frame.Broken e) {
            return Result.MALFORMED;
        }
    }

    private static String serverName(Frame data) throws Frame.Broken {
        var list = data.frame(2, 1, 0xffff);
        String name = null;
        while (list.left() > 0) {
            var type = list.number(1);
            var value = list.frame(2, 1, 0xffff);
            if (type == HOST_NAME) {
                if (name != null) {
                    throw new Frame.Broken();
                }
                name = value.hostName();
            }
        }
        if (name == null) {
            throw new Frame.Broken();
        }
        return name;
    }

    private static int uint24(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | bytes[at + 2] & 0xff;
    }

    /** A stretch of bytes that is read from its beginning to its end and no further. */
    private static final class Frame {
        /** The bytes lie about their lengths. */
        static final class Broken extends Exception {
            private static final long serialVersionUID = 1L;

            Broken() {
                super("broken", null, false, false);
            }
        }

        private final byte[] bytes;
        private final int end;
        private int at;

        Frame(byte[] bytes, int from, int end) {
            this.bytes = bytes;
            this.at = from;
            this.end = end;
        }

        int left() {
            return end - at;
        }

        void skip(int count) throws Broken {
            if (count > left()) {
                throw new Broken();
            }
            at += count;
        }

        int number(int size) throws Broken {
            var from = at;
            skip(size);
            return size == 1 ? bytes[from] & 0xff : (bytes[from] & 0xff) << 8 | bytes[from + 1] & 0xff;
        }

        /** A vector: its length in {@code size} bytes, then as many bytes. */
        Frame frame(int size, int shortest, int longest) throws Broken {
            var length = number(size);
            var from = at;
            if (length < shortest || length > longest) {
                throw new Broken();
            }
            skip(length);
            return new Frame(bytes, from, from + length);
        }

        String hostName() throws Broken {
            var text = Arrays.copyOfRange(bytes, at, end);
            for (var value : text) {
                if (value <= ' ' || value == 127) {
                    throw new Broken();
                }
            }
            return new String(text, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
        }
    }
}
