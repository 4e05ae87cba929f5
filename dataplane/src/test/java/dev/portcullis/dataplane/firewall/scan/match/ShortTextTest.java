package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import dev.portcullis.dataplane.firewall.scan.seed.SeedPhraseWalk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decoded texts too short for a run of encoded text: what is passed over holds nothing that a search would find. */
class ShortTextTest {
    private static final String[] PIECES = {
        "078-05-1120",
        "KEY=",
        "?token=",
        "://",
        "u:",
        "aB3dE6gH",
        "1q2w3e",
        "@h.io",
        "\\u0041",
        "%3d",
        "&sig=",
        "-",
        " ",
        "é",
        "ｇ",
        "\0"
    };

    private final RuleSet rules = rules();

    private static RuleSet rules() {
        var all = new ArrayList<>(
                RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS).rulesWithout(List.of()));
        all.add(SeedPhraseWalk.rule());
        all.addAll(KnownForms.rules("known-a", "tr0ub4dor".getBytes(StandardCharsets.UTF_8)));
        return RuleSet.of(RuleSet.Reading.SECRETS, all);
    }

    @Test
    void whatIsPassedOverHoldsNothing() {
        var random = new Random(3);
        var passedOver = 0;
        var found = new TreeSet<String>();
        for (var n = 0; n < 20_000; n++) {
            var text = text(random);
            var folded = random.nextBoolean();
            var names = search(text, folded);
            if (sweep(new TreeSet<>()).holdsNothing(text, text.length, folded)) {
                passedOver++;
                assertThat(names)
                        .as(new String(text, StandardCharsets.ISO_8859_1))
                        .isEmpty();
            }
            found.addAll(names);
        }
        assertThat(passedOver).isGreaterThan(500);
        assertThat(found).contains("social-security-number", "credential-in-url", "known-a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"078-05-1120", "A_KEY=aB3dE6gH", "?token=aB3dE6g", "tr0ub4dor", "tr0ub%34dor"})
    void aShortSecretIsNotPassedOver(String secret) {
        var text = secret.getBytes(StandardCharsets.UTF_8);
        assertThat(search(text, true)).isNotEmpty();
        assertThat(sweep(new TreeSet<>()).holdsNothing(text, text.length, true)).isFalse();
    }

    private static byte[] text(Random random) {
        var bytes = new byte[8 + random.nextInt(8)];
        random.nextBytes(bytes);
        var at = 0;
        while (random.nextInt(4) > 0 && at < bytes.length) {
            var piece = random.nextInt(20) == 0
                    ? "tr0ub4dor".getBytes(StandardCharsets.UTF_8)
                    : PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8);
            var count = Math.min(piece.length, bytes.length - at);
            System.arraycopy(piece, 0, bytes, at, count);
            at += count;
        }
        return bytes;
    }

    private TreeSet<String> search(byte[] text, boolean folded) {
        var names = new TreeSet<String>();
        sweep(names).search(new Block(text, text.length, null, 0, 0, true, "base64", 1, folded), 0, text.length);
        return names;
    }

    private Sweep sweep(TreeSet<String> names) {
        var budget = new WorkBudget();
        budget.grant(1_000);
        return new Sweep(rules, budget, (rule, start, end, encoding) -> names.add(rule.name()));
    }
}
