package dev.portcullis.dataplane.firewall.scanapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.crd.v1alpha1.ScanApiSpec.ScanKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts are read straight from the bytes of a call, and must be what any reader of JSON makes of them. */
class JsonStringTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] PARTS = {
        "a",
        "word ",
        "0123456789abcdef",
        "\\\"",
        "\\\\",
        "\\/",
        "\\b",
        "\\f",
        "\\n",
        "\\r",
        "\\t",
        "\\u0000",
        "\\u0041",
        "\\u00e9",
        "\\u20AC",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\\ude00",
        "\\ud83d\\n",
        "\\ud83d\\u0041",
        "\\uD83D\\uD83D\\uDE00",
        "é",
        "€",
        "😀",
        "'",
        "{",
        "}",
        "[]",
        ":",
        ","
    };

    @Test
    void aTextIsWhatAnotherReaderMakesOfIt() throws Exception {
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++) {
            var text = new StringBuilder();
            var parts = random.nextInt(round % 10 == 0 ? 200 : 12);
            for (var i = 0; i < parts; i++) {
                text.append(PARTS[random.nextInt(PARTS.length)]);
            }
            var json = "{\"kind\":\"dlp\",\"input\":{\"text\":\"x" + text + "\"}}";
            var expected = JSON.readTree(json).at("/input/text").asText().getBytes(StandardCharsets.UTF_8);

            assertThat(read(json.getBytes(StandardCharsets.UTF_8))).as(json).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"input\":{\"text\":\"caf\u00e9\"},\"kind\":\"dlp\"}",
                " {\"kind\" : \"dlp\" , \"input\" : {\"text\" : \"caf\\u00e9\" } } "
            })
    void theTextIsFoundWhereverItStands(String json) throws Exception {
        assertThat(read(json.getBytes(StandardCharsets.UTF_8))).isEqualTo("caf\u00e9".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aByteOrderMarkIsLetPass() throws Exception {
        var json = "\ufeff{\"kind\":\"dlp\",\"input\":{\"text\":\"a\\tb\"}}";
        assertThat(read(json.getBytes(StandardCharsets.UTF_8))).isEqualTo("a\tb".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void argumentsBehindAByteOrderMarkAreKeptAsTheyWereWritten() throws Exception {
        var json = "\ufeff{\"kind\":\"tool_call\",\"input\":{\"tool_name\":\"a\",\"arguments\": {\"b\": 1.50} }}";
        assertThat(read(json.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("{\"b\": 1.50}".getBytes(StandardCharsets.UTF_8));
    }

    /** An overlong form is a second way to write a letter that a rule looks for. */
    @Test
    void whatIsNotUtf8IsRefused() throws Exception {
        for (var bad :
                new int[][] {{0xc1, 0xa7}, {0xed, 0xa0, 0x80}, {0x80}, {0xc3}, {0xf8, 0x88, 0x80, 0x80}, {0xff}}) {
            var json = new ByteArrayOutputStream();
            json.write("{\"kind\":\"dlp\",\"input\":{\"text\":\"g".getBytes(StandardCharsets.UTF_8));
            for (var b : bad) {
                json.write(b);
            }
            json.write("hp\"}}".getBytes(StandardCharsets.UTF_8));
            assertRefused(json.toByteArray());
        }
    }

    @Test
    void otherWaysToWriteUnicodeAreRefused() {
        for (var charset : new String[] {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32"}) {
            assertRefused("{\"kind\":\"tool_call\",\"input\":{\"tool_name\":\"a\",\"arguments\":{\"b\":1}}}"
                    .getBytes(java.nio.charset.Charset.forName(charset)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\", "\\x", "\\u12", "\\u12G4", "a\nb", "a\u0000"})
    void whatIsNoStringIsRefused(String text) {
        assertRefused(("{\"kind\":\"dlp\",\"input\":{\"text\":\"" + text + "\"}}").getBytes(StandardCharsets.UTF_8));
    }

    private static void assertRefused(byte[] body) {
        assertThatExceptionOfType(ScanRefusedException.class)
                .isThrownBy(() -> read(body))
                .matches(refusal -> refusal.error() == ScanError.INVALID_JSON);
    }

    /** The body stands at the beginning of a larger array, as those that arrive in parts do. */
    private static byte[] read(byte[] body) throws ScanRefusedException, IOException {
        var room = Arrays.copyOf(body, body.length + 9);
        Arrays.fill(room, body.length, room.length, (byte) '"');
        return ScanRequestReader.read(room, body.length, EnumSet.allOf(ScanKind.class))
                .inputs()
                .get(0)
                .text();
    }
}
