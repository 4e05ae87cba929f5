package dev.portcullis.dataplane.firewall.scan.coding;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A file in base64 (RFC 4648, both alphabets), as it stands in JSON, forms, mail and data URLs: broken into lines, with the escapes that
 * JSON and forms need. It ends where anything else stands.
 */
final class Base64File implements PackedFile {
    private static final int PIECE = 4096;
    private static final byte END = -1;
    private static final byte SKIPPED = -2;
    private static final byte BACKSLASH = -3;
    private static final byte PERCENT = -4;
    private static final byte[] VALUES = new byte[256];

    static {
        Arrays.fill(VALUES, END);
        var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (var i = 0; i < alphabet.length(); i++) {
            VALUES[alphabet.charAt(i)] = (byte) i;
        }
        VALUES['-'] = VALUES['+'];
        VALUES['_'] = VALUES['/'];
        for (var space : "\r\n\t ".toCharArray()) {
            VALUES[space] = SKIPPED;
        }
        VALUES['\\'] = BACKSLASH;
        VALUES['%'] = PERCENT;
    }

    private final ContentDecoder.Sink text;
    private final byte[] first;
    private final byte[] piece = new byte[PIECE];
    private int length;
    private int held;
    private int bits;

    /** Digits of a percent escape that are still to come, or -1 for the letter of a JSON escape. */
    private int escaped;

    private int escape;
    private boolean begun;

    /**
     * A file.
     *
     * @param first its first characters, which were taken for its signature
     */
    Base64File(byte[] first, ContentDecoder.Sink text) {
        this.first = first;
        this.text = text;
    }

    @Override
    public boolean take(ByteBuffer bytes) throws CodingException {
        if (!begun) {
            begun = true;
            decode(ByteBuffer.wrap(first));
        }
        var goesOn = decode(bytes);
        if (length > 0) {
            text.take(ByteBuffer.wrap(piece, 0, length));
            length = 0;
        }
        return goesOn;
    }

    private boolean decode(ByteBuffer bytes) throws CodingException {
        while (bytes.hasRemaining()) {
            var b = bytes.get() & 0xff;
            if (escaped != 0) {
                if (!escaped(b)) {
                    return false;
                }
                continue;
            }
            var value = VALUES[b];
            if (value >= 0) {
                add(value);
            } else if (value == BACKSLASH) {
                escaped = -1;
            } else if (value == PERCENT) {
                escaped = 2;
                escape = 0;
            } else if (value == END) {
                return false;
            }
        }
        return true;
    }

    /** Takes a character of an escape; false where it is none that stands in base64. */
    private boolean escaped(int b) throws CodingException {
        if (escaped < 0) {
            escaped = 0;
            if (b == '/') {
                add(VALUES['/']);
            }
            return b == '/' || b == 'n' || b == 'r';
        }
        var digit = Character.digit(b, 16);
        if (digit < 0) {
            return false;
        }
        escape = escape << 4 | digit;
        if (--escaped > 0) {
            return true;
        }
        var value = VALUES[escape];
        if (value >= 0) {
            add(value);
        }
        return value >= 0 || value == SKIPPED;
    }

    private void add(byte value) throws CodingException {
        held = held << 6 | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            piece[length++] = (byte) (held >> bits);
            if (length == PIECE) {
                length = 0;
                text.take(ByteBuffer.wrap(piece, 0, PIECE));
            }
        }
    }

    @Override
    public boolean reading() {
        return true;
    }

    @Override
    public void close() {}
}
