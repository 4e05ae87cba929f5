package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Lanes;

/**
 * Finds the stretches of text that lie in other bytes: strings in a serialized object, UTF-16 of ASCII text, UTF-8 of any
 * script. A stretch is made of groups of eight bytes of which seven are what text is made of, or which are UTF-8; one other
 * group does not part it, and it has one at each end. Every fifteen bytes of ASCII lie in one.
 */
final class TextStretches {
    private static final int GROUP = Long.BYTES;
    private static final int FEWEST = GROUP - 1;

    private TextStretches() {}

    /**
     * The first stretch at or behind {@code from} of {@code bytes[0, length)}.
     *
     * @param from 0, or where the last stretch ended
     * @return where it begins, and above 32 bits where it ends; -1 where there is none
     */
    static long next(byte[] bytes, int from, int length) {
        var group = from;
        while (group + GROUP <= length && !text(bytes, group)) {
            group += GROUP;
        }
        if (group + GROUP > length) {
            return -1;
        }
        var start = Math.max(from, group - GROUP);
        var last = group;
        for (var at = group + GROUP; at + GROUP <= length && at - last <= 2 * GROUP; at += GROUP) {
            if (text(bytes, at)) {
                last = at;
            }
        }
        return (long) Math.min(length, last + 2 * GROUP) << Integer.SIZE | start;
    }

    private static boolean text(byte[] bytes, int at) {
        var lanes = Lanes.of(bytes, at);
        var marks = Lanes.printable(lanes)
                | Lanes.exactly(lanes, 0)
                | Lanes.exactly(lanes, '\n')
                | Lanes.exactly(lanes, '\r')
                | Lanes.exactly(lanes, '\t');
        return Long.bitCount(marks) >= FEWEST || (lanes & Lanes.HIGH) != 0 && characters(bytes, at);
    }

    /** True where the group at {@code at} is UTF-8, whose first and last character may be cut. */
    private static boolean characters(byte[] bytes, int at) {
        var end = at + GROUP;
        var i = at;
        while (i < at + 3 && (bytes[i] & 0xC0) == 0x80) {
            i++;
        }
        while (i < end) {
            var lead = bytes[i++] & 0xff;
            if (lead < ' ' || lead >= 0x7f && lead < 0xC2 || lead > 0xF4) {
                return false;
            }
            for (var more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0; more > 0 && i < end; more--) {
                if ((bytes[i++] & 0xC0) != 0x80) {
                    return false;
                }
            }
        }
        return true;
    }
}
