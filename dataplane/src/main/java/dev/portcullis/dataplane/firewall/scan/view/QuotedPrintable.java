package dev.portcullis.dataplane.firewall.scan.view;

/** Quoted-printable text (RFC 2045 section 6.7), read leniently. */
public final class QuotedPrintable {
    private QuotedPrintable() {}

    /** True where {@code in[from, end)} holds an escape or a soft line break. */
    public static boolean in(byte[] in, int from, int end) {
        for (var i = from; i + 2 < end; i++) {
            if (in[i] == '=' && (in[i + 1] == '\r' || in[i + 1] == '\n' || value(in, i) >= 0)) {
                return true;
            }
        }
        return false;
    }

    /** Decodes {@code in[from, end)} into {@code out} and returns the number of bytes. */
    public static int decode(byte[] in, int from, int end, byte[] out) {
        var length = 0;
        for (var i = from; i < end; i++) {
            if (in[i] != '=' || i + 2 >= end) {
                out[length++] = in[i];
            } else if (in[i + 1] == '\r' || in[i + 1] == '\n') {
                i += in[i + 1] == '\r' && in[i + 2] == '\n' ? 2 : 1;
            } else if (value(in, i) >= 0) {
                out[length++] = (byte) value(in, i);
                i += 2;
            } else {
                out[length++] = in[i];
            }
        }
        return length;
    }

    private static int value(byte[] in, int at) {
        var high = Character.digit(in[at + 1], 16);
        var low = Character.digit(in[at + 2], 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }
}
