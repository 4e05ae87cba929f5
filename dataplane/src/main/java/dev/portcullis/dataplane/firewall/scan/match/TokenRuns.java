package dev.portcullis.dataplane.firewall.scan.match;

/** Looks at long runs of token characters for the credentials that have no literal. */
final class TokenRuns {
    private static final ByteSet ALPHANUMERIC = ByteSet.of("A-Za-z0-9");
    private static final ByteSet HEX = ByteSet.of("0-9a-fA-F");
    private static final Check GENERATED = new Plausible(3);
    private static final int SHORTEST_KEY = 34;

    /** Bytes that the later parts of a bot token have at least: dot, 6, dot, 27. */
    private static final int SECOND_AND_THIRD = 35;

    private TokenRuns() {}

    static void find(Sweep sweep, RuleSet rules, Block block, int start, int end) {
        if (end - start >= SHORTEST_KEY) {
            keys(sweep, rules, block, start, end);
        }
        var discord = rules.ruleOf(Rule.Finder.DISCORD_TOKEN);
        if (!sweep.settled(discord) && discordToken(block.bytes(), start, end, block.length())) {
            var after = end + SECOND_AND_THIRD;
            while (after < block.length() && ByteSet.TOKEN.has(block.bytes()[after])) {
                after++;
            }
            sweep.report(discord, block, start, after);
        }
    }

    /** Keys that are one word of letters and digits of a certain length. */
    private static void keys(Sweep sweep, RuleSet rules, Block block, int start, int end) {
        var bytes = block.bytes();
        var i = start;
        while (i < end) {
            if (!ALPHANUMERIC.has(bytes[i])) {
                i++;
                continue;
            }
            var begin = i;
            while (i < end && ALPHANUMERIC.has(bytes[i])) {
                i++;
            }
            switch (i - begin) {
                case 34 -> hexKey(sweep, rules.ruleOf(Rule.Finder.TWILIO_KEY), block, begin, i, 'S', 'K');
                case 66 -> {
                    hexKey(sweep, rules.ruleOf(Rule.Finder.ETHEREUM_KEY), block, begin, i, '0', 'x');
                    hexKey(sweep, rules.ruleOf(Rule.Finder.ETHEREUM_KEY), block, begin, i, '0', 'X');
                }
                case 51, 52 -> {
                    var rule = rules.ruleOf(Rule.Finder.WIF);
                    if (!sweep.settled(rule)) {
                        sweep.budget().pay(4_000);
                        if (Base58Check.isPrivateKey(bytes, begin, i)) {
                            sweep.report(rule, block, begin, i);
                        }
                    }
                }
                default -> {}
            }
        }
    }

    /** Two fixed characters before hex digits. */
    private static void hexKey(Sweep sweep, int rule, Block block, int start, int end, char first, char second) {
        var bytes = block.bytes();
        if (bytes[start] != first || bytes[start + 1] != second || sweep.settled(rule)) {
            return;
        }
        for (var i = start + 2; i < end; i++) {
            if (!HEX.has(bytes[i])) {
                return;
            }
        }
        if (Sweep.boundary(bytes, start)
                && GENERATED.accepts(bytes, start, end, block.length())
                && (first != '0' || !LedgerHash.named(bytes, start, end, block.length(), sweep.budget()))) {
            sweep.report(rule, block, start, end);
        }
    }

    /** Three parts: the bot's number in base64 (so M, N or O first), a time, a signature. */
    private static boolean discordToken(byte[] bytes, int start, int end, int length) {
        var first = bytes[start];
        if ((first != 'M' && first != 'N' && first != 'O')
                || end - start < 24
                || end - start > 28
                || !Sweep.boundary(bytes, start)
                || end + SECOND_AND_THIRD > length
                || bytes[end] != '.'
                || bytes[end + 7] != '.') {
            return false;
        }
        for (var i = end + 1; i < end + SECOND_AND_THIRD; i++) {
            if (i != end + 7 && !ByteSet.TOKEN.has(bytes[i])) {
                return false;
            }
        }
        return true;
    }
}
