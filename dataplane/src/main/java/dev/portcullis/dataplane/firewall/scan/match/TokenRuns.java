package dev.portcullis.dataplane.firewall.scan.match;

/** Looks at long runs of token characters for the credentials that have no literal. */
final class TokenRuns {
    private static final ByteSet ALPHANUMERIC = ByteSet.of("A-Za-z0-9");

    /** Bytes that the later parts of a bot token have at least: dot, 6, dot, 27. */
    private static final int SECOND_AND_THIRD = 35;

    private TokenRuns() {}

    static void find(Sweep sweep, RuleSet rules, Block block, int start, int end) {
        var wif = rules.ruleOf(Rule.Finder.WIF);
        if (!sweep.settled(wif) && end - start >= 51) {
            walletKeys(sweep, wif, block, start, end);
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

    private static void walletKeys(Sweep sweep, int rule, Block block, int start, int end) {
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
            var length = i - begin;
            if (length == 51 || length == 52) {
                sweep.budget().pay(4_000);
                if (Base58Check.isPrivateKey(bytes, begin, i)) {
                    sweep.report(rule, block, begin, i);
                    if (sweep.settled(rule)) {
                        return;
                    }
                }
            }
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
