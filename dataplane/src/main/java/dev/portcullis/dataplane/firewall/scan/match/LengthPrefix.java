package dev.portcullis.dataplane.firewall.scan.match;

/**
 * A byte that says how long the text behind it is, as protocol buffers, MessagePack, Thrift and ASN.1 write it. Of texts of 48 to
 * 122 bytes it is a letter or a digit as often as not, and looks as if it were the text's own.
 */
final class LengthPrefix {
    private LengthPrefix() {}

    /** True where the byte before {@code start} may be one: it stands alone. */
    static boolean mayStandBefore(byte[] text, int start) {
        return start == 1 || start > 1 && !ByteSet.TOKEN.has(text[start - 2]);
    }

    /** True where the byte before {@code start} is the length of {@code [start, end)}. */
    static boolean is(byte[] text, int start, int end) {
        return (text[start - 1] & 0xff) == end - start;
    }
}
