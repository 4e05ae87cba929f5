package dev.portcullis.dataplane.firewall.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.match.RulePack;
import dev.portcullis.dataplane.firewall.scan.match.WorkBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a body is made of, the work of its scan is counted, bounded by its length, and refused beyond that. */
class WorstCaseTest {
    private static final int BYTES = 96 * 1024;
    private static final int START = 200_000;

    private static final Set<String> MAY_BE_REFUSED = Set.of("zeroWidth", "chineseMixed");
    private static final Path TEXTS = Path.of(
            System.getProperty("project.root"),
            "benchmarks/src/main/resources/dev/portcullis/benchmarks/scan/worst-cases.properties");

    private final SecretPolicy secrets = new SecretPolicy(
            Policies.spec(""), RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS), List.of());
    private final InjectionPolicy injections =
            new InjectionPolicy(Policies.spec(""), RulePack.read(ScanEngine.class, ScanEngine.INJECTION_PACKS));

    @ParameterizedTest
    @MethodSource("kinds")
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

    /** An expression that could read a letter in two ways tried both for each, and a few hundred bytes took the budget. */
    @Test
    void aShortTextThatLooksLikeAKubernetesSecretCostsLittle() {
        var text =
                ("{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"data\":{\"t\token\":\"qvZjnycRWIXa1SkwYi9A1EKh5WhqBTxD\"}}"
                                + "token{\"token\": \"none\", \"scope\": \"all\"}connection-node-name-nonce=IBGU0GrkeMDQY7hy")
                        .getBytes(StandardCharsets.UTF_8);
        var scan = new BodyWindow(
                secrets.rules(), new RequestJudge(secrets, "e.com", false), Long.MAX_VALUE, BodySyntax.JSON);
        scan.feed(ByteBuffer.wrap(text));
        scan.finish();
        assertThat(scan.budget().paid()).isLessThan(START / 10);
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

    private static Stream<String> kinds() {
        return Stream.concat(
                texts().stringPropertyNames().stream().sorted(), Stream.of("base64", "nested", "random", "zeros"));
    }

    private static Properties texts() {
        var texts = new Properties();
        try (var file = Files.newBufferedReader(TEXTS)) {
            texts.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return texts;
    }

    private static byte[] body(String kind) {
        var random = new Random(7);
        var bytes = new byte[BYTES];
        random.nextBytes(bytes);
        var encoder = Base64.getEncoder();
        return switch (kind) {
            case "base64" -> Arrays.copyOf(encoder.encode(bytes), BYTES);
            case "nested" -> Arrays.copyOf(encoder.encode(encoder.encode(encoder.encode(bytes))), BYTES);
            case "random" -> bytes;
            case "zeros" -> new byte[BYTES];
            default -> {
                var pieces = texts().getProperty(kind).split("\\|");
                var text = new StringBuilder();
                while (text.length() < BYTES) {
                    text.append(pieces[random.nextInt(pieces.length)]);
                }
                yield Arrays.copyOf(text.toString().getBytes(StandardCharsets.UTF_8), BYTES);
            }
        };
    }
}
