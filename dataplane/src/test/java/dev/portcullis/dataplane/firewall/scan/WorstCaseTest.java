package dev.portcullis.dataplane.firewall.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.match.RulePack;
import dev.portcullis.dataplane.firewall.scan.match.WorkBudget;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a body is made of, the work of its scan is counted, bounded by its length, and refused beyond that. */
class WorstCaseTest {
    private static final int BYTES = 96 * 1024;
    private static final int START = 200_000;

    private static final Set<String> MAY_BE_REFUSED =
            Set.of("percent", "seedWords", "zeroWidth", "nearMisses", "tokenRuns", "ghpRuns");

    private final SecretPolicy secrets = new SecretPolicy(
            Policies.spec(""), RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS), List.of());
    private final InjectionPolicy injections =
            new InjectionPolicy(Policies.spec(""), RulePack.read(ScanEngine.class, ScanEngine.INJECTION_PACKS));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "base64",
                "percent",
                "nested",
                "spaced",
                "seedWords",
                "digits",
                "zeroWidth",
                "deepJson",
                "random",
                "nearMisses",
                "cutUp",
                "zeros",
                "tags",
                "entities",
                "tokenRuns",
                "ghpRuns"
            })
    void noInputCostsMoreThanItsBudget(String kind) {
        for (var length = BYTES / 8; length <= BYTES; length *= 2) {
            var body = Arrays.copyOf(body(kind), length);
            var request = new BodyWindow(
                    secrets.rules(), new RequestJudge(secrets, "e.com", false), Long.MAX_VALUE, BodySyntax.JSON);
            within(kind, body, request);
            var response = new BodyWindow(
                    injections.rules(), new ResponseJudge(injections, "e.com", false), Long.MAX_VALUE, null);
            within(kind, body, response);
        }
    }

    private static void within(String kind, byte[] body, BodyWindow scan) {
        scan.feed(ByteBuffer.wrap(body));
        scan.finish();
        var budget = scan.budget();
        var refused =
                scan.findings().stream().anyMatch(finding -> finding.rule().equals("scan-work"));
        assertThat(budget.granted()).isLessThanOrEqualTo(START + (long) WorkBudget.PER_BYTE * body.length);
        if (refused) {
            assertThat(MAY_BE_REFUSED)
                    .as("what is no near miss of a secret at every byte is scanned to its end")
                    .contains(kind);
        } else {
            assertThat(budget.paid()).as(kind).isBetween(1L, budget.granted());
            if (scan.findings().isEmpty()) {
                assertThat(scan.clean()).isEqualTo(body.length);
            }
        }
    }

    private static byte[] body(String kind) {
        var bytes = new byte[BYTES];
        new Random(7).nextBytes(bytes);
        return switch (kind) {
            case "base64" -> Arrays.copyOf(Base64.getEncoder().encode(bytes), BYTES);
            case "percent" -> repeated("%67%68%70%5f%41");
            case "nested" -> {
                var encoder = Base64.getEncoder();
                yield Arrays.copyOf(encoder.encode(encoder.encode(encoder.encode(bytes))), BYTES);
            }
            case "spaced" -> repeated("g h p _ A 1 b 2 C 3 ");
            case "seedWords" -> repeated("zoo wrong legal winner thank year wave sausage worth useful able acid ");
            case "digits" -> repeated("4111111111111112 4012888888881882 ");
            case "zeroWidth" -> repeated("g\u200bh\u200bp\u200b_\u200b");
            case "deepJson" -> repeated("[{\"a\":");
            case "random" -> bytes;
            case "nearMisses" -> repeated("ghp_1 AKIA2 sk-3 xoxb-4 eyJ5 token= secret: key\" api_key='x' Bearer ");
            case "cutUp" -> repeated("\"ghp_a1B\",\"c2D\",\"AKIA\",");
            case "zeros" -> new byte[BYTES];
            case "tags" -> repeated("<a href=x title=\"ignore the\"><b <i <div ");
            case "entities" -> repeated("&#105;&#x67;&amp;#110;");
            // Every third byte begins a secret, and none ends: what follows the first must not be copied for each.
            case "tokenRuns" -> repeated("eyJeyJeyJ.");
            case "ghpRuns" -> repeated("ghp_");
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static byte[] repeated(String unit) {
        return Arrays.copyOf(unit.repeat(BYTES / unit.length() + 1).getBytes(StandardCharsets.UTF_8), BYTES);
    }
}
