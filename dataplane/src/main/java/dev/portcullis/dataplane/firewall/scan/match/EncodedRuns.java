package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Decoder;
import dev.portcullis.dataplane.firewall.scan.view.GzipHeader;
import dev.portcullis.dataplane.firewall.scan.view.Lanes;

/**
 * Finds runs of characters that base64, hex or base32 may be made of, decodes them, and searches what comes out. A run
 * that is wrapped into lines counts as one.
 */
final class EncodedRuns {
    /** Characters that a run has at least. */
    static final int SHORTEST = 16;

    /** A line this long that ends in a run continues on the next line. */
    private static final int WRAPPED_LINE = 60;

    /** Units that decoding a run costs however short it is. */
    private static final int DECODED = 8;

    /** Units that the search of a stretch of text costs however short it is. */
    private static final int STRETCH = 24;

    private static final int UPPER = 1;
    private static final int LOWER = 2;
    private static final int DIGIT = 4;
    private static final int NOT_HEX = 8;
    private static final int NOT_BASE32 = 16;

    /** No byte of a run is less. */
    private static final byte LEAST = '+';

    /** 0 for bytes that end a run, else bit 7 with the flags above. */
    private static final byte[] KIND = new byte[256];

    static {
        for (var c = 0; c < 256; c++) {
            var flags = 0;
            if (c >= 'A' && c <= 'Z') {
                flags = UPPER | (c > 'F' ? NOT_HEX : 0);
            } else if (c >= 'a' && c <= 'z') {
                flags = LOWER | (c > 'f' ? NOT_HEX : 0);
            } else if (c >= '0' && c <= '9') {
                flags = DIGIT | (c < '2' || c > '7' ? NOT_BASE32 : 0);
            } else if (c == '+' || c == '/' || c == '-' || c == '_') {
                flags = NOT_HEX | NOT_BASE32;
            } else {
                continue;
            }
            KIND[c] = (byte) (flags | 0x80);
        }
    }

    private final Sweep sweep;
    private final RuleSet rules;
    private final WorkBudget budget;
    private final byte[][] scratch = new byte[Sweep.DEEPEST + 1][0];

    EncodedRuns(Sweep sweep, RuleSet rules, WorkBudget budget) {
        this.sweep = sweep;
        this.rules = rules;
        this.budget = budget;
    }

    void find(Block block, int from, int to) {
        var bytes = block.bytes();
        var length = block.length();
        var lowest = 0;
        var last = Math.min(length, to + SHORTEST);
        for (var probe = next(bytes, from + SHORTEST - 1, last);
                probe < last;
                probe = next(bytes, probe + SHORTEST, last)) {
            var start = probe;
            while (start > lowest && KIND[bytes[start - 1] & 0xff] != 0) {
                start--;
            }
            if (start >= to) {
                return;
            }
            if (start > 0 && bytes[start - 1] == '\\' && Sweep.boundary(bytes, start + 1)) {
                // The letter of an escape such as \n is no part of what follows.
                start++;
            }
            var end = end(bytes, probe + 1, start, length);
            lowest = end;
            if (end - start >= SHORTEST) {
                run(block, start, end);
            }
            probe = end;
        }
    }

    /**
     * The first of {@code from}, {@code from} + {@link #SHORTEST} and so on that may lie in a run long enough; {@code length} or
     * more where there is none. Around a byte of such a run there are eight more of it before or behind.
     */
    private static int next(byte[] bytes, int from, int length) {
        var probe = from;
        for (; probe + Long.BYTES < length; probe += SHORTEST) {
            var before = Lanes.less(Lanes.of(bytes, probe - Long.BYTES), LEAST);
            var behind = Lanes.less(Lanes.of(bytes, probe + 1), LEAST);
            if ((before == 0 | behind == 0) && KIND[bytes[probe] & 0xff] != 0) {
                return probe;
            }
        }
        while (probe < length && KIND[bytes[probe] & 0xff] == 0) {
            probe += SHORTEST;
        }
        return probe;
    }

    private static int end(byte[] bytes, int at, int runStart, int length) {
        var line = runStart;
        var end = at;
        while (end < length) {
            if (KIND[bytes[end] & 0xff] != 0) {
                end++;
                continue;
            }
            if (end - line < WRAPPED_LINE) {
                return end;
            }
            var next = afterBreak(bytes, end, length);
            if (next >= length || KIND[bytes[next] & 0xff] == 0) {
                return end;
            }
            line = next;
            end = next;
        }
        return end;
    }

    /** Index after the line break at {@code at}, plain or as JSON escapes; {@code length} where there is none. */
    private static int afterBreak(byte[] bytes, int at, int length) {
        var next = at;
        while (next < length && next - at < 4) {
            if (bytes[next] == '\r' || bytes[next] == '\n') {
                next++;
            } else if (bytes[next] == '\\' && next + 1 < length && (bytes[next + 1] == 'n' || bytes[next + 1] == 'r')) {
                next += 2;
            } else {
                break;
            }
        }
        return next == at ? length : next;
    }

    private void run(Block block, int start, int end) {
        var bytes = block.bytes();
        var flags = 0;
        for (var i = start; i < end; i++) {
            flags |= KIND[bytes[i] & 0xff];
        }
        budget.pay(end - start);
        if (rules.reading() == RuleSet.Reading.SECRETS) {
            tokens(block, start, end);
        }
        if (block.depth() >= Sweep.DEEPEST) {
            return;
        }
        if ((flags & DIGIT) != 0) {
            parts(block, start, end, Decoder.HEX, NOT_HEX, 2);
            parts(block, start, end, Decoder.BASE32, NOT_BASE32, 8);
        }
        // Generated secrets in base64 show both cases; words joined by dashes and slashes do not.
        if ((flags & UPPER) != 0 && (flags & LOWER) != 0) {
            for (var skip = 0; skip < 4; skip++) {
                decoded(block, start, Decoder.BASE64, start + skip, end);
            }
        }
    }

    /** Looks at each line of the run for itself. */
    private void tokens(Block block, int start, int end) {
        var bytes = block.bytes();
        var begin = start;
        for (var i = start; i <= end; i++) {
            if (i == end || KIND[bytes[i] & 0xff] == 0) {
                if (i - begin >= SHORTEST) {
                    TokenRuns.find(sweep, rules, block, begin, i);
                }
                begin = i + 1 < end && bytes[i] == '\\' ? i + 2 : i + 1;
            }
        }
    }

    /** Decodes the parts of a run that lie in a smaller alphabet. */
    private void parts(Block block, int start, int end, Decoder decoder, int not, int alignments) {
        var bytes = block.bytes();
        var lowest = start;
        for (var probe = start + SHORTEST - 1; probe < end; probe += SHORTEST) {
            if (outside(bytes[probe], not)) {
                continue;
            }
            var from = probe;
            while (from > lowest && !outside(bytes[from - 1], not)) {
                from--;
            }
            var to = probe + 1;
            while (to < end && !outside(bytes[to], not)) {
                to++;
            }
            if (to - from >= SHORTEST) {
                oneCase(block, from, to, decoder, alignments);
            }
            lowest = to;
            probe = to;
        }
    }

    private static boolean outside(byte b, int not) {
        return (KIND[b & 0xff] & not) != 0;
    }

    /** Decodes what of a part has a digit, and one case where that matters, at every alignment. */
    private void oneCase(Block block, int start, int end, Decoder decoder, int alignments) {
        var bytes = block.bytes();
        var begin = start;
        var flags = 0;
        for (var i = start; i <= end; i++) {
            var kind = i < end ? KIND[bytes[i] & 0xff] : 0;
            var bothCases = ((flags | kind) & (UPPER | LOWER)) == (UPPER | LOWER);
            if (i == end || bothCases && decoder == Decoder.BASE32) {
                if (i - begin >= SHORTEST && (flags & DIGIT) != 0) {
                    for (var skip = 0; skip < alignments; skip++) {
                        decoded(block, begin, decoder, begin + skip, i);
                    }
                }
                begin = i;
                flags = 0;
            }
            flags |= kind;
        }
    }

    private void decoded(Block block, int start, Decoder decoder, int from, int end) {
        budget.pay(DECODED + end - start);
        var depth = block.depth() + 1;
        var into = scratch[depth];
        if (into.length < end - start) {
            into = new byte[Math.max(256, end - start)];
            scratch[depth] = into;
        }
        var length = decoder.decode(block.bytes(), from, end, into);
        if (length < 8) {
            return;
        }
        if (GzipHeader.startsAt(into, 0, length) && depth < Sweep.DEEPEST) {
            PartCodings.gunzip(sweep, block.decoded(start, end, decoder.label(), into, length, true), 0, length);
            return;
        }
        if (PartCodings.zlibIn(into, length) && depth < Sweep.DEEPEST) {
            // Two bytes are no proof, so it is read on as it stands, too.
            PartCodings.inflateZlib(sweep, block.decoded(start, end, decoder.label(), into, length, true), length);
        }
        var binary = !MostlyText.begins(into, length);
        if (binary && rules.reading() == RuleSet.Reading.PROSE) {
            return;
        }
        if (length < SHORTEST && sweep.holdsNothing(into, length, binary)) {
            budget.pay(length);
            return;
        }
        if (!binary) {
            sweep.search(block.decoded(start, end, decoder.label(), into, length, false), 0, length);
            return;
        }
        sweep.searchNoise(block.decoded(start, end, decoder.label(), into, length, true));
        // Whoever wraps something wraps text: where there is none, no other reading says more.
        for (var text = TextStretches.next(into, 0, length); text >= 0; ) {
            var first = (int) text;
            var behind = (int) (text >>> Integer.SIZE);
            var count = behind - first;
            budget.pay(STRETCH);
            System.arraycopy(into, first, into, 0, count);
            sweep.search(block.decoded(start, end, decoder.label(), into, count, true), 0, count);
            text = TextStretches.next(into, behind, length);
        }
    }
}
