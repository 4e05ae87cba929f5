package dev.portcullis.dataplane.firewall.scan.match;

/** Shannon entropy of bytes. */
public final class Shannon {
    private Shannon() {}

    /** Entropy of the byte values of {@code text[start, end)}, in bits a byte, 0 for nothing. */
    public static double bits(byte[] text, int start, int end) {
        var length = end - start;
        if (length <= 0) {
            return 0;
        }
        var counts = new int[256];
        for (var i = start; i < end; i++) {
            counts[text[i] & 0xff]++;
        }
        var sum = 0.0;
        for (var count : counts) {
            if (count > 1) {
                sum += count * (Math.log(count) / Math.log(2));
            }
        }
        return Math.log(length) / Math.log(2) - sum / length;
    }
}
