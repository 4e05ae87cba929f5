package dev.portcullis.dataplane.firewall.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CanaryTest {
    private static final String VALUE = "hny-Kp4vT9wQz2";

    private final ScanEngine engine = Policies.withCanary("honey-aws", VALUE);

    @Test
    void itIsFoundInAnyCaseEncodingAndCut() {
        var bytes = VALUE.getBytes(StandardCharsets.UTF_8);
        for (var text : List.of(
                VALUE,
                VALUE.toUpperCase(java.util.Locale.ROOT),
                "hny.kp4v.t9wq.z2",
                "h n y - K p 4 v T 9 w Q z 2",
                "hny/Kp4v/T9wQ/z2",
                "{\"a\":\"hny-Kp4v\",\"b\":\"T9wQz2\"}",
                "hny-Kp4v\" + \"T9wQz2",
                Base64.getEncoder().encodeToString(bytes),
                Base64.getEncoder().encodeToString(("ab" + VALUE).getBytes(StandardCharsets.UTF_8)),
                HexFormat.of().formatHex(bytes),
                "hny%2DKp4vT9wQz2",
                "ｈｎｙ－Ｋｐ４ｖＴ９ｗＱｚ２")) {
            var type = text.startsWith("{") ? "application/json" : "";
            assertThat(body(type, text)).as(text).isNotEmpty().allSatisfy(finding -> {
                assertThat(finding.scanner()).isEqualTo(ScannerName.CANARY);
                assertThat(finding.rule()).isEqualTo("canary-honey-aws");
                assertThat(finding.toString()).doesNotContain("Kp4v");
            });
        }
        for (var url : List.of(
                "http://e.com/?a=hny-Kp4v&b=T9wQz2",
                "http://hny-kp4v.t9wqz2.e.com/",
                "http://e.com/hny-Kp4v/T9wQz2",
                "http://e.com/" + VALUE)) {
            assertThat(engine.scanUrl(url, false))
                    .as(url)
                    .extracting(Finding::scanner)
                    .contains(ScannerName.CANARY);
        }
        assertThat(engine.scanHeaders(Map.of("Authorization", "Bearer " + VALUE).entrySet()))
                .isNotEmpty();
    }

    @Test
    void nothingElseIs() {
        for (var text : List.of("hny-Kp4vT9wQz", "honey", "hny Kp4v then T9wQz2", "z2QwT9v4pK-ynh", "")) {
            assertThat(body("", text)).as(text).isEmpty();
        }
    }

    @Test
    void aValueOfSeparatorsIsRefused() {
        assertThatThrownBy(() -> Policies.withCanary("dots", "a.b.c.d.e..."))
                .hasMessageContaining("spec.dlp.canaries")
                .hasMessageContaining("'dots'");
    }

    private List<Finding> body(String type, String text) {
        var body = engine.openRequestBody(type, "e.com");
        body.feed(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        body.finish();
        return body.findings();
    }
}
