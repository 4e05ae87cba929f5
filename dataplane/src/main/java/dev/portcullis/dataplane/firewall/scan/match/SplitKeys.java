package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Fragments;

/**
 * The keys without a literal that are long enough to be cut up over values: each begins with a piece, ends with one, and
 * has a seam inside. Numbers of cards and accounts are not among them: rows of ordinary numbers make those by chance.
 */
final class SplitKeys {
    private static final ByteSet HEX = ByteSet.of("0-9a-fA-F");
    private static final ByteSet BASE58 = ByteSet.of("1-9A-HJ-NP-Za-km-z");
    private static final ByteSet TOKEN = ByteSet.TOKEN;
    private static final Check GENERATED = new Plausible(3);

    private static final int TWILIO = 34;
    private static final int ETHEREUM = 66;
    private static final int WIF = 51;

    /** Work of one checksum, in budget units. */
    private static final int CHECKSUM = 4_000;

    private SplitKeys() {}

    static void find(Sweep sweep, RuleSet rules, WorkBudget budget, Fragments pieces, Block where, int endPlace) {
        var twilio = rules.ruleOf(Rule.Finder.TWILIO_KEY);
        var ethereum = rules.ruleOf(Rule.Finder.ETHEREUM_KEY);
        var wif = rules.ruleOf(Rule.Finder.WIF);
        var discord = rules.ruleOf(Rule.Finder.DISCORD_TOKEN);
        var bytes = pieces.bytes();
        for (var piece = 0; piece < pieces.count(); piece++) {
            var i = pieces.start(piece);
            if (i + TWILIO > pieces.length()) {
                break;
            }
            if (pieces.map()[i] >= endPlace) {
                continue;
            }
            switch (bytes[i]) {
                case 'S' -> {
                    if (bytes[i + 1] == 'K') {
                        hexKey(sweep, twilio, budget, pieces, where, i, TWILIO);
                    }
                }
                case '0' -> {
                    if ((bytes[i + 1] | 0x20) == 'x') {
                        hexKey(sweep, ethereum, budget, pieces, where, i, ETHEREUM);
                    }
                }
                case '5' -> wif(sweep, wif, budget, pieces, where, i, WIF);
                case 'K', 'L' -> wif(sweep, wif, budget, pieces, where, i, WIF + 1);
                case 'M', 'N', 'O' -> discord(sweep, discord, budget, pieces, where, i);
                default -> {
                    // No key begins so.
                }
            }
        }
    }

    private static void hexKey(
            Sweep sweep, int rule, WorkBudget budget, Fragments pieces, Block where, int start, int length) {
        if (!sweep.settled(rule)
                && whole(pieces, budget, start, start + 2, start + length, HEX)
                && JoinedSearch.mixed(pieces.bytes(), start, start + length)
                && GENERATED.accepts(pieces.bytes(), start, start + length, pieces.length())) {
            sweep.report(rule, where, start, start + length);
        }
    }

    private static void wif(
            Sweep sweep, int rule, WorkBudget budget, Fragments pieces, Block where, int start, int length) {
        if (!sweep.settled(rule) && whole(pieces, budget, start, start, start + length, BASE58)) {
            budget.pay(CHECKSUM);
            if (Base58Check.isPrivateKey(pieces.bytes(), start, start + length)) {
                sweep.report(rule, where, start, start + length);
            }
        }
    }

    /** The bot's number, a dot, six characters, a dot, a signature to the end of a piece. */
    private static void discord(Sweep sweep, int rule, WorkBudget budget, Fragments pieces, Block where, int start) {
        if (sweep.settled(rule)) {
            return;
        }
        var bytes = pieces.bytes();
        var dot = start;
        while (dot < pieces.length() && dot - start <= 28 && TOKEN.has(bytes[dot])) {
            dot++;
        }
        budget.pay(dot - start);
        var last = dot + 8 + 27;
        if (dot - start < 24 || last > pieces.length() || bytes[dot] != '.' || bytes[dot + 7] != '.') {
            return;
        }
        var end = last;
        while (end < pieces.length() && !pieces.startsAt(end) && TOKEN.has(bytes[end])) {
            end++;
        }
        for (var i = dot + 1; i < end; i++) {
            if (i != dot + 7 && !TOKEN.has(bytes[i])) {
                return;
            }
        }
        if (seams(pieces, start, end) && JoinedSearch.mixed(bytes, start, end)) {
            sweep.report(rule, where, start, end);
        }
    }

    /** True where {@code [start, end)} has a seam inside, ends with a piece, and from {@code from} on is of {@code set}. */
    private static boolean whole(Fragments pieces, WorkBudget budget, int start, int from, int end, ByteSet set) {
        if (end > pieces.length() || !pieces.startsAt(end)) {
            return false;
        }
        for (var i = from; i < end; i++) {
            if (!set.has(pieces.bytes()[i])) {
                budget.pay(i - from);
                return false;
            }
        }
        budget.pay(end - from);
        return seams(pieces, start, end);
    }

    private static boolean seams(Fragments pieces, int start, int end) {
        for (var i = start + 1; i < end; i++) {
            if (pieces.startsAt(i)) {
                return true;
            }
        }
        return false;
    }
}
