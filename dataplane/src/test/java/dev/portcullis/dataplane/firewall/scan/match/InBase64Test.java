package dev.portcullis.dataplane.firewall.scan.match;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a buffer holds behind its text is of an earlier text and says nothing about this one. */
class InBase64Test {
    private static final String TOKEN = "AKIA2E0A8F3B244C9986";

    @Test
    void whatLiesBehindTheTextDoesNotCount() {
        var text = ("key=/" + TOKEN).getBytes(StandardCharsets.US_ASCII);
        var stale = "+k3Jx/9aQz7Lm2Ww0".repeat(40).getBytes(StandardCharsets.US_ASCII);
        var buffer = Arrays.copyOf(text, text.length + stale.length);
        System.arraycopy(stale, 0, buffer, text.length, stale.length);
        var start = text.length - TOKEN.length();

        assertThat(InBase64.NOT.accepts(buffer, start, text.length, text.length))
                .isTrue();
        assertThat(InBase64.NOT.accepts(buffer, start, text.length, buffer.length))
                .isFalse();
    }
}
