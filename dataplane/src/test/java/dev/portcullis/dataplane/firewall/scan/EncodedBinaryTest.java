package dev.portcullis.dataplane.firewall.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text between other bytes that were encoded as a whole: a serialized object, a document's strings, UTF-16. */
class EncodedBinaryTest {
    private static final String TOKEN = "ghp_" + "a8Kd03mZqLw7RtYx1VbNc5GhJ2PsEf9UoIi4";
    private static final int AROUND = 700;

    private final ScanEngine engine = Policies.engine("");

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void whatIsWrittenInOtherWaysIsFoundWhereverItStands(int before) {
        for (var text : List.of(
                TOKEN,
                TOKEN.replace("_", "%5f"),
                TOKEN.replace("ghp", "\\u0067hp"),
                TOKEN.replace("g", "&#103;"),
                base64(TOKEN.getBytes(StandardCharsets.US_ASCII)),
                String.join(" ", TOKEN.split("")))) {
            assertThat(rules(between(before, text, StandardCharsets.UTF_8)))
                    .as(text)
                    .contains("github-token");
        }
        assertThat(rules(between(before, TOKEN, StandardCharsets.UTF_16LE))).contains("github-token");
        assertThat(rules(between(before, TOKEN, StandardCharsets.UTF_16BE))).contains("github-token");
        assertThat(rules(between(before, "4012888888881881", StandardCharsets.US_ASCII)))
                .contains("payment-card-number");
        assertThat(rules(between(
                        before,
                        " legal winner thank year wave sausage worth useful legal winner thank yellow ",
                        StandardCharsets.UTF_8)))
                .contains("bip39-seed-phrase");
    }

    /** Eight bytes are no stretch of text, and still they may be a secret that must never leave. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void aShortKnownValueIsFoundHoweverItIsEscaped(int before) {
        var knowing = Policies.knowing("short", "pa55w0rD");
        for (var text : List.of(
                "pa55w0rD",
                "pa%355w0rD",
                "p\u043055w0rD",
                "pa\\55w0rD",
                "p\0a55w0rD",
                "&#112;a55w0rD",
                "p\u200ba55w0rD")) {
            assertThat(rules(knowing, between(before, text, StandardCharsets.UTF_8)))
                    .as(text)
                    .contains("known-short");
        }
    }

    /** Text of a script that has no byte of ASCII is text. */
    @ParameterizedTest
    @ValueSource(strings = {"GHP_", "ｇｈｐ＿"})
    void scriptsWithoutAscii(String prefix) {
        var text =
                "今天我们去公园散步，天气很好。".repeat(30) + prefix.replace("GHP_", "ghp_") + TOKEN.substring(4) + "。明天见！".repeat(20);
        assertThat(rules(text.getBytes(StandardCharsets.UTF_8))).contains("github-token");
    }

    private List<String> rules(byte[] encoded) {
        return rules(engine, encoded);
    }

    private static List<String> rules(ScanEngine engine, byte[] encoded) {
        var scan = engine.openRequestBody("application/json", "");
        scan.feed(ByteBuffer.wrap(("{\"d\":\"" + base64(encoded) + "\"}").getBytes(StandardCharsets.US_ASCII)));
        scan.finish();
        return scan.findings().stream().map(Finding::rule).toList();
    }

    private static byte[] between(int before, String text, Charset charset) {
        var random = new Random(5);
        var around = new byte[AROUND + before];
        random.nextBytes(around);
        // No digit or letter of the surroundings belongs to the text.
        around[AROUND + before - 1] = (byte) 0xb7;
        var all = new ByteArrayOutputStream();
        all.writeBytes(around);
        all.writeBytes(text.getBytes(charset));
        around[0] = (byte) 0xb7;
        all.writeBytes(around);
        return all.toByteArray();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
