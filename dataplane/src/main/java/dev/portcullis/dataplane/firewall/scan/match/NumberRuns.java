package dev.portcullis.dataplane.firewall.scan.match;

/** Looks at every run of four digits or more for the rules that are about numbers. */
final class NumberRuns {
    private static final int SHORTEST = 4;

    private NumberRuns() {}

    static void find(Sweep sweep, RuleSet rules, Block block, int from, int to) {
        var card = rules.ruleOf(Rule.Finder.CARD_NUMBER);
        var social = rules.ruleOf(Rule.Finder.SOCIAL_SECURITY_NUMBER);
        var iban = rules.ruleOf(Rule.Finder.IBAN);
        if (card < 0 && social < 0 && iban < 0) {
            return;
        }
        var bytes = block.bytes();
        var length = block.length();
        // A run of four covers exactly one probe.
        for (var probe = from + SHORTEST - 1; probe < length; probe += SHORTEST) {
            if (!PaymentNumbers.digit(bytes[probe])) {
                continue;
            }
            var start = probe;
            while (start > 0 && PaymentNumbers.digit(bytes[start - 1])) {
                start--;
            }
            var end = probe + 1;
            while (end < length && PaymentNumbers.digit(bytes[end])) {
                end++;
            }
            if (start >= to) {
                return;
            }
            if (end - start >= SHORTEST && start >= from) {
                sweep.budget().pay(32);
                if (!sweep.settled(card)) {
                    var after = PaymentNumbers.cardAt(bytes, start, length);
                    if (after >= 0) {
                        sweep.report(card, block, start, after);
                    }
                }
                if (!sweep.settled(social)
                        && end - start == SHORTEST
                        && PaymentNumbers.socialSecurityAt(bytes, start - 7, length)) {
                    sweep.report(social, block, start - 7, end);
                }
                if (!sweep.settled(iban)) {
                    sweep.budget().pay(64);
                    var begin = PaymentNumbers.ibanAround(bytes, start, length);
                    if (begin >= 0) {
                        sweep.report(iban, block, begin, PaymentNumbers.ibanAt(bytes, begin, length));
                    }
                }
            }
            probe = end;
        }
    }
}
