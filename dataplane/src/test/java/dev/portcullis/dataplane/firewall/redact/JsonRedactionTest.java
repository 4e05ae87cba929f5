package dev.portcullis.dataplane.firewall.redact;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import dev.portcullis.dataplane.firewall.scan.TestPolicies;
import dev.portcullis.dataplane.firewall.scan.evasion.Secrets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON with values taken out: what goes on, byte by byte, and what hostile clients send. */
class JsonRedactionTest {
    private static final ObjectMapper JSON =
            new ObjectMapper(new JsonFactory()).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final String TOKEN = Objects.requireNonNull(Secrets.ALL.get("github-token"));
    private static final ScanEngine ENGINE = engine("email, ipv4, ipv6, cidr, mac, hash-md5, hash-sha256, credentials");

    private static ScanEngine engine(String classes) {
        return TestPolicies.engine("dlp: {redact: {enabled: true, classes: [" + classes + "]}}");
    }

    private record Result(String text, List<Finding> findings) {
        String rules() {
            return String.join(" ", findings.stream().map(Finding::rule).toList());
        }
    }

    private static Result run(ScanEngine engine, String type, byte[] body, int step) {
        var redaction = new JsonRedaction(type, engine::openRedaction, UnpooledByteBufAllocator.DEFAULT);
        var out = new ByteArrayOutputStream();
        Consumer<ByteBuf> sink = bytes -> {
            var copy = new byte[bytes.readableBytes()];
            bytes.readBytes(copy);
            out.writeBytes(copy);
            bytes.release();
        };
        for (var at = 0; at < body.length; at += step) {
            redaction.feed(Unpooled.copiedBuffer(body, at, Math.min(step, body.length - at)), sink);
        }
        redaction.finish(sink);
        redaction.close();
        return new Result(out.toString(StandardCharsets.UTF_8), redaction.findings());
    }

    private static String redacted(String json) {
        var result = run(ENGINE, "application/json", json.getBytes(StandardCharsets.UTF_8), 1 << 16);
        assertThat(result.findings()).isEmpty();
        assertThat(isJson(result.text())).as(result.text()).isTrue();
        return result.text();
    }

    private static boolean isJson(String text) {
        try {
            JSON.readTree(text);
            return true;
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static String escaped(String text) {
        var all = new StringBuilder();
        text.chars().forEach(c -> all.append(String.format("\\u%04x", c)));
        return all.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"to\": \"ann@example.org\"} | {\"to\": \"<pl:email:1>\"}",
                "{\"t\":\"ask ann@example.org or bob@example.org, then ann@example.org\"} | {\"t\":\"ask <pl:email:1> or <pl:email:2>, then <pl:email:1>\"}",
                "[\"10.1.2.3\", \"10.1.2.0/24\"] | [\"<pl:ipv4:1>\", \"<pl:cidr:1>\"]",
                "[\"2001:db8::1\",\"00:1a:2b:3c:4d:5e\"] | [\"<pl:ipv6:1>\",\"<pl:mac:1>\"]",
                "{\"ann@example.org\": {\"10.9.8.7\": 1}} | {\"<pl:email:1>\": {\"<pl:ipv4:1>\": 1}}",
                "{\"card\": 4111111111111111} | {\"card\": \"<pl:payment-card-number:1>\"}",
                "[1.5, 2.5, 3.5, 4.5, -1e10, true, null] | [1.5, 2.5, 3.5, 4.5, -1e10, true, null]",
                "{\"a\":\"line\\nann@example.org\\n\"} | {\"a\":\"line\\n<pl:email:1>\\n\"}",
                "\"d41d8cd98f00b204e9800998ecf8427e\" | \"<pl:hash-md5:1>\"",
                "{\"v\": \"1.2.3\", \"at\": \"12:34:56\", \"id\": \"a::b\", \"u\": \"user@host\"} | {\"v\": \"1.2.3\", \"at\": \"12:34:56\", \"id\": \"a::b\", \"u\": \"user@host\"}",
                "  {\"a\" : [ ] , \"b\":{}}  | {\"a\" : [ ] , \"b\":{}}",
            })
    void valuesAreReplacedAndTheRestStays(String json, String expected) {
        assertThat(redacted(json).strip()).isEqualTo(expected);
    }

    @Test
    void secretsOfBuiltInClassesAreReplacedWhereverTheyStand() {
        Secrets.ALL.forEach((name, secret) -> {
            var text = redacted("{\"before\": 1, \"note\": \"use " + secret + " for it\", \"after\": [2]}");
            assertThat(text).as(name).doesNotContain(secret).contains("<pl:").contains("\"after\": [2]");
        });
    }

    @Test
    void escapedAndEncodedValuesAreReplacedWhole() {
        assertThat(redacted("{\"a\": \"x " + escaped("ann@example.org") + " y\"}"))
                .isEqualTo("{\"a\": \"x <pl:email:1> y\"}");
        assertThat(redacted("{\"a\": \"ann\\u0040example.org\"}")).isEqualTo("{\"a\": \"<pl:email:1>\"}");
        var base64 = Base64.getEncoder().encodeToString(("token " + TOKEN + " end").getBytes(StandardCharsets.UTF_8));
        assertThat(redacted("{\"a\": \"" + base64 + "\"}")).isEqualTo("{\"a\": \"<pl:github-token:1>=\"}");
        assertThat(redacted("{\"arguments\": \"{\\\"to\\\": \\\"ann@example.org\\\"}\"}"))
                .isEqualTo("{\"arguments\": \"{\\\"to\\\": \\\"<pl:email:1>\\\"}\"}");
    }

    @Test
    void aKeyThatLeadsToASecretStays() {
        var secret = "wJalrXUtnFEMI8K7MDENG2bPxRfiCYzQ5tUvAeLo";
        var text = redacted("{\"aws_secret_access_key\": \"" + secret + "\", \"region\": \"eu-west-1\"}");
        assertThat(text)
                .startsWith("{\"aws_secret_access_key\": \"<pl:")
                .endsWith("\", \"region\": \"eu-west-1\"}")
                .doesNotContain(secret);
    }

    @Test
    void redactingTwiceChangesNothingMore() {
        var once = redacted(
                "{\"a\": \"ann@example.org " + TOKEN + "\", \"password\": \"10.0.0.1\", \"n\": 4111111111111111}");
        assertThat(redacted(once)).isEqualTo(once);
    }

    @Test
    void ownPatternsAreClassesToo() {
        var engine = TestPolicies.engine(
                "dlp: {patterns: [{name: ticket, regex: 'TCK-[0-9]{6}', severity: low, exemptDomains: []}], redact: {enabled: true, classes: [ticket]}}");
        var result = run(
                engine,
                "application/json",
                "[\"see TCK-123456, ann@example.org\"]".getBytes(StandardCharsets.UTF_8),
                5);
        assertThat(result.text()).isEqualTo("[\"see <pl:ticket:1>, ann@example.org\"]");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100, 4096, 65_536})
    void howABodyArrivesMakesNoDifferenceAndNoSecretLeavesInPart(int step) {
        var random = new Random(42);
        var body = new StringBuilder("[");
        var expected = 0;
        while (body.length() < (step < 100 ? 80_000 : 400_000)) {
            body.append('"');
            for (var i = random.nextInt(400); i > 0; i--) {
                body.append(' ').append("abcdefghij".charAt(random.nextInt(10)));
            }
            body.append(" ann")
                    .append(expected)
                    .append("@example.org ")
                    .append(TOKEN)
                    .append(" \", ")
                    .append(expected)
                    .append(',');
            expected++;
        }
        body.append("0]");
        var bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        var result = run(ENGINE, "application/json", bytes, step);
        assertThat(result.findings()).isEmpty();
        assertThat(result.text()).doesNotContain("@").doesNotContain(TOKEN.substring(0, 12));
        assertThat(isJson(result.text())).isTrue();
        assertThat(result.text().split("<pl:github-token:1>", -1)).hasSize(expected + 1);
        assertThat(result.text()).contains("<pl:email:" + expected + ">");
    }

    @Test
    void aBodyLongerThanMemoryWouldHoldFlowsThroughAWindow() {
        var redaction = new JsonRedaction("application/json", ENGINE::openRedaction, UnpooledByteBufAllocator.DEFAULT);
        var passed = new long[1];
        Consumer<ByteBuf> sink = bytes -> {
            passed[0] += bytes.readableBytes();
            bytes.release();
        };
        redaction.feed(Unpooled.copiedBuffer("[\"", StandardCharsets.UTF_8), sink);
        var piece = "all work and no play. ".repeat(3000).getBytes(StandardCharsets.UTF_8);
        var fed = 2L;
        for (var i = 0; i < 600; i++) {
            redaction.feed(Unpooled.wrappedBuffer(piece), sink);
            fed += piece.length;
            assertThat(fed - passed[0]).isLessThan(40_000);
        }
        redaction.feed(Unpooled.copiedBuffer("\"]", StandardCharsets.UTF_8), sink);
        redaction.finish(sink);
        assertThat(redaction.findings()).isEmpty();
        assertThat(passed[0]).isEqualTo(fed + 2);
        redaction.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"a\": 1",
                "{\"a\" 1}",
                "{a: 1}",
                "[1,]",
                "[1 2]",
                "{\"a\": 1,}",
                "[\"a\\x\"]",
                "[\"a\\u12g4\"]",
                "[01]",
                "[1.]",
                "[1e]",
                "[-]",
                "[tru]",
                "nope",
                "{} {}",
                "{}}",
                "]",
                "\"a",
                "[\"a$b\"]",
                "[+1]",
                "{\"a\":}",
                "~ ~",
                "{\"a\":1]",
                ",",
                "[1}",
                "\u0000[\u00001\u0000]",
                "\u00ef\u00bb[]",
                "[\"\\",
                "[\"\\u00",
            })
    void whatIsNotJsonIsRefused(String row) {
        var body = row.replace('$', '\n');
        for (var step : new int[] {1, 1000}) {
            var result = run(ENGINE, "application/json", body.getBytes(StandardCharsets.ISO_8859_1), step);
            assertThat(result.rules()).as(body).isEqualTo("redact-malformed");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/x-ndjson | {\"a\":\"ann@example.org\"}$[2]$ | {\"a\":\"<pl:email:1>\"}$[2]$",
                "application/jsonl | 1 2 \"x\" | 1 2 \"x\"",
                "application/json-seq | \u001e{}$\u001e[]$ | \u001e{}$\u001e[]$",
                "application/vnd.api+json | 12 | 12",
                "application/json | \u00ef\u00bb\u00bf[] | \u00ef\u00bb\u00bf[]",
            })
    void rowsOfJsonAreRedactedToo(String type, String row, String rewritten) {
        var body = row.replace('$', '\n');
        var expected = rewritten.replace('$', '\n');
        var result = run(ENGINE, type, body.getBytes(StandardCharsets.ISO_8859_1), 3);
        assertThat(result.findings()).isEmpty();
        assertThat(result.text().getBytes(StandardCharsets.UTF_8))
                .isEqualTo(expected.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void nestingNumbersAndValuesHaveTheirBounds() {
        var deep = "[".repeat(256) + "]".repeat(256);
        assertThat(run(ENGINE, "application/json", deep.getBytes(StandardCharsets.UTF_8), 9)
                        .findings())
                .isEmpty();
        deep = "[" + deep + "]";
        assertThat(run(ENGINE, "application/json", deep.getBytes(StandardCharsets.UTF_8), 9)
                        .rules())
                .isEqualTo("redact-depth");
        var number = "[" + "1".repeat(2000) + "]";
        assertThat(run(ENGINE, "application/json", number.getBytes(StandardCharsets.UTF_8), 9)
                        .rules())
                .isEqualTo("redact-number");
        var many = new StringBuilder("[");
        for (var i = 0; i <= Placeholders.MOST; i++) {
            many.append("\"u").append(i).append("@example.org\",");
        }
        many.append("1]");
        assertThat(run(ENGINE, "application/json", many.toString().getBytes(StandardCharsets.UTF_8), 5000)
                        .rules())
                .isEqualTo("redact-overflow");
    }

    @Test
    void anyDamageGivesJsonOrAFinding() throws IOException {
        var random = new Random(25_11);
        var seed = "{\"a\": [\"ann@example.org\", 4111111111111111, {\"k\\u0040\": \"" + TOKEN
                + "\"}], \"ü\": \"10.0.0.1\\n\", \"n\": -1.5e3}";
        for (var round = 0; round < 5000; round++) {
            var body = seed.getBytes(StandardCharsets.UTF_8);
            for (var i = random.nextInt(4); i > 0; i--) {
                body[random.nextInt(body.length)] = (byte) "{}[]\",:\\u0a@.1 \n".charAt(random.nextInt(16));
            }
            var step = 1 + random.nextInt(60);
            var whole = run(ENGINE, "application/json", body, body.length);
            var pieces = run(ENGINE, "application/json", body, step);
            assertThat(pieces.rules()).as("round " + round).isEqualTo(whole.rules());
            if (whole.findings().isEmpty()) {
                assertThat(pieces.text()).as("round " + round).isEqualTo(whole.text());
                assertThat(isJson(whole.text())).as(whole.text()).isTrue();
                assertThat(whole.text()).as("round " + round).doesNotContain(TOKEN);
            } else {
                assertThat(isJson(new String(body, StandardCharsets.UTF_8)))
                        .as("round %d %s %s", round, whole.rules(), new String(body, StandardCharsets.UTF_8))
                        .isFalse();
            }
        }
    }

    @Test
    void aClassThatThereIsNotIsToldWithItsPlace() {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> engine("email, emial"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("spec.dlp.redact.classes[1]: there is no class 'emial'");
    }
}
