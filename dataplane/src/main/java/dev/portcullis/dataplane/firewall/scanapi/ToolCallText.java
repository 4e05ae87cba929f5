package dev.portcullis.dataplane.firewall.scanapi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/**
 * The texts that a tool call is scanned as: its arguments as they were written, so that numbers keep every digit and a key
 * that is there twice is seen twice; every key and value un-escaped, a line each; and all values in a row, so that a
 * secret split over several is found.
 */
final class ToolCallText {
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(1 << 20)
                    .maxNumberLength(1 << 20)
                    .maxNameLength(1 << 20)
                    .build())
            .build();

    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
    private final ByteArrayOutputStream values = new ByteArrayOutputStream();
    private final byte[] arguments;

    /**
     * The texts of a call.
     *
     * @param arguments JSON that was read once already, or empty
     */
    ToolCallText(String name, byte[] arguments) {
        this.arguments = arguments;
        lines.writeBytes(utf8("tool=" + name));
        values.writeBytes(utf8(name));
        if (arguments.length > 0) {
            try {
                walk();
            } catch (IOException e) {
                throw new UncheckedIOException("arguments that were read once cannot be read again", e);
            }
        }
    }

    /** The arguments as they were written. */
    ByteBuffer written() {
        return ByteBuffer.wrap(arguments);
    }

    /** {@code key=value}, a line each. */
    ByteBuffer lines() {
        return ByteBuffer.wrap(lines.toByteArray());
    }

    /** Every value, with nothing between. */
    ByteBuffer values() {
        return ByteBuffer.wrap(values.toByteArray());
    }

    private void walk() throws IOException {
        try (var json = JSON.createParser(arguments)) {
            var keys = new ArrayDeque<String>();
            var key = "";
            var named = false;
            JsonToken token;
            while ((token = json.nextToken()) != null) {
                switch (token) {
                    case START_OBJECT, START_ARRAY -> keys.push(key);
                    case END_OBJECT, END_ARRAY -> key = keys.pop();
                    case FIELD_NAME -> {
                        key = json.currentName();
                        lines.writeBytes(utf8("\n" + key + "="));
                        named = true;
                        continue;
                    }
                    default -> {
                        var value = utf8(json.getText());
                        if (!named) {
                            lines.writeBytes(utf8("\n" + key + "="));
                        }
                        lines.writeBytes(value);
                        values.writeBytes(value);
                    }
                }
                named = false;
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
