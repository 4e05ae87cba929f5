package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.ByteClasses;
import dev.portcullis.dataplane.firewall.scan.view.Lanes;

/** Looks at every run of four digits or more for the rules that are about numbers, and for text in numbers. */
final class NumberRuns {
    private static final int SHORTEST = 4;

    /** The fourth and the eighth of eight bytes. */
    private static final long PROBES = 0xFF000000_FF000000L;

    private static final long ZEROS = '0' * 0x01010101_01010101L & PROBES;
    private static final long NINES = 0x76 * 0x01010101_01010101L & PROBES;

    private static final Check APP_SECRET = new Plausible(3);

    private NumberRuns() {}

    static void find(Sweep sweep, RuleSet rules, Block block, int from, int to, ByteClasses classes) {
        var card = rules.ruleOf(Rule.Finder.CARD_NUMBER);
        var social = rules.ruleOf(Rule.Finder.SOCIAL_SECURITY_NUMBER);
        var iban = rules.ruleOf(Rule.Finder.IBAN);
        var app = rules.ruleOf(Rule.Finder.FACEBOOK_APP_TOKEN);
        var bytes = block.bytes();
        var length = block.length();
        var at = from;
        if (from > 0 && PaymentNumbers.digit(bytes[from - 1])) {
            // A number that began before is no match that starts here.
            at = end(bytes, from, length);
        }
        for (var start = next(classes, at, to); start < to; start = next(classes, at, to)) {
            var end = end(bytes, start + SHORTEST, length);
            at = end;
            sweep.budget().pay(32);
            if (PaymentNumbers.mayBeCard(bytes, start, end, length) && !sweep.settled(card)) {
                var after = PaymentNumbers.cardAt(bytes, start, length);
                if (after >= 0 && (after != end || !CardColumn.chance(bytes, start, end, length, sweep.budget()))) {
                    sweep.report(card, block, start, after);
                }
            }
            if (!sweep.settled(social)
                    && end - start == SHORTEST
                    && PaymentNumbers.socialSecurityAt(bytes, start - 7, length)) {
                sweep.report(social, block, start - 7, end);
            }
            if (end < length && bytes[end] == '|' && !sweep.settled(app)) {
                appToken(sweep, app, block, start, end);
            }
            if (TextInNumbers.may(end - start) && block.depth() < Sweep.DEEPEST) {
                TextInNumbers.search(sweep, block, start, end);
            }
            if (PaymentNumbers.mayEndIban(bytes, start) && !sweep.settled(iban)) {
                sweep.budget().pay(64);
                var begin = PaymentNumbers.ibanAround(bytes, start, length);
                if (begin >= 0) {
                    sweep.report(iban, block, begin, PaymentNumbers.ibanAt(bytes, begin, length));
                }
            }
        }
    }

    /** True where {@code bytes[0, length)} surely has no such run. */
    static boolean none(byte[] bytes, int length) {
        return next(bytes, SHORTEST - 1, length) >= length;
    }

    /**
     * The first of {@code from}, {@code from} + {@link #SHORTEST} and so on that is a digit; {@code length} or more where there
     * is none. Eight bytes hold two of them.
     */
    private static int next(byte[] bytes, int from, int length) {
        var probe = from;
        for (; probe + SHORTEST < length; probe += 2 * SHORTEST) {
            var lanes = Lanes.of(bytes, probe - SHORTEST + 1) & PROBES;
            // What is no digit has its high bit set: by itself, or after 0x76 is added to its distance from '0'.
            var others = ((lanes ^ ZEROS) + NINES | lanes) & PROBES & Lanes.HIGH;
            if (others != (PROBES & Lanes.HIGH)) {
                return (int) others < 0 ? probe + SHORTEST : probe;
            }
        }
        while (probe < length && !PaymentNumbers.digit(bytes[probe])) {
            probe += SHORTEST;
        }
        return probe;
    }

    /** The first index from {@code at} on at which four digits stand; {@code to} or more where there is none before. */
    private static int next(ByteClasses classes, int at, int to) {
        var i = at;
        while (i < to) {
            var digits = classes.from(ByteClasses.DIGIT, i);
            var four = digits & digits >>> 1;
            four &= four >>> 2;
            if (four != 0) {
                return i + Long.numberOfTrailingZeros(four);
            }
            i += Long.SIZE - SHORTEST + 1;
        }
        return i;
    }

    private static int end(byte[] bytes, int at, int length) {
        var end = at;
        while (end < length && PaymentNumbers.digit(bytes[end])) {
            end++;
        }
        return end;
    }

    /** The number of an app, a bar, and its secret. */
    private static void appToken(Sweep sweep, int rule, Block block, int start, int end) {
        var bytes = block.bytes();
        var after = end + 1;
        while (after < block.length() && ByteSet.TOKEN.has(bytes[after])) {
            after++;
        }
        var secret = after - end - 1;
        sweep.budget().pay(secret);
        if ((end - start == 15 || end - start == 16)
                && secret >= 27
                && secret <= 40
                && Sweep.boundary(bytes, start)
                && APP_SECRET.accepts(bytes, end + 1, after, block.length())) {
            sweep.report(rule, block, start, after);
        }
    }
}
