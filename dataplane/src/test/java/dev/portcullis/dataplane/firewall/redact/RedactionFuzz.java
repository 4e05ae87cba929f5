package dev.portcullis.dataplane.firewall.redact;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import dev.portcullis.dataplane.firewall.scan.TestPolicies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Fuzz target of redaction: what goes on is JSON, however what it was made of arrived. */
public final class RedactionFuzz {
    private static final ScanEngine ENGINE = TestPolicies.engine(
            "dlp: {redact: {enabled: true, classes: [email, ipv4, ipv6, cidr, mac, hash-md5, credentials]}}");
    private static final ObjectMapper JSON = new ObjectMapper(new JsonFactoryBuilder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private RedactionFuzz() {}

    private record Result(byte[] body, List<String> rules) {}

    /** Tries {@code input} as the body of a request that says it is JSON. */
    public static void run(byte[] input) throws IOException {
        var whole = pass(input, Math.max(1, input.length));
        var pieces = pass(input, 1 + input.length % 5);
        assertThat(pieces.rules()).isEqualTo(whole.rules());
        if (whole.rules().isEmpty()) {
            assertThat(pieces.body()).isEqualTo(whole.body());
            // Strings of wrong UTF-8 go on as they are, and Jackson takes none.
            if (isJson(input)) {
                assertThat(isJson(whole.body())).isTrue();
            }
        }
    }

    private static boolean isJson(byte[] text) throws IOException {
        try {
            JSON.readTree(text);
            return true;
        } catch (JsonProcessingException | java.io.CharConversionException e) {
            return false;
        }
    }

    private static Result pass(byte[] body, int step) {
        var out = new ByteArrayOutputStream();
        Consumer<ByteBuf> sink = bytes -> {
            var copy = new byte[bytes.readableBytes()];
            bytes.readBytes(copy);
            out.writeBytes(copy);
            bytes.release();
        };
        try (var redaction =
                new JsonRedaction("application/json", ENGINE::openRedaction, UnpooledByteBufAllocator.DEFAULT)) {
            for (var at = 0; at < body.length; at += step) {
                redaction.feed(Unpooled.copiedBuffer(body, at, Math.min(step, body.length - at)), sink);
            }
            redaction.finish(sink);
            return new Result(
                    out.toByteArray(),
                    redaction.findings().stream().map(Finding::rule).toList());
        }
    }
}
