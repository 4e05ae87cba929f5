package dev.portcullis.dataplane.firewall.scanapi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.google.common.base.Utf8;
import dev.portcullis.crd.v1alpha1.ScanApiSpec.ScanKind;
import dev.portcullis.dataplane.firewall.scan.view.Lanes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a call, strictly: a field it does not know, one that is there twice, one that the kind has no use for
 * and anything behind the object are errors. The arguments of a tool call are kept as they were written, so that nothing
 * in them is lost on the way to the scan.
 */
final class ScanRequestReader {
    /** Longest URL, in bytes. */
    static final int URL_BYTES = 8192;
    /** Longest text, content or arguments, in bytes. */
    static final int TEXT_BYTES = 512 * 1024;
    /** Longest name of a tool, in bytes. */
    static final int TOOL_NAME_BYTES = 256;
    /** Most inputs of one call. */
    static final int INPUTS = 100;

    private static final int ID_LENGTH = 128;
    private static final int NOWHERE = -1;
    private static final byte[] NONE = {};
    private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            // It is UTF-8 (RFC 8259 section 8.1); places in anything else could not be told.
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(256)
                    .maxStringLength(1 << 20)
                    .maxNumberLength(1 << 20)
                    .maxNameLength(1 << 20)
                    .build())
            .build();
    private static final Map<String, ScanKind> KINDS =
            Stream.of(ScanKind.values()).collect(Collectors.toUnmodifiableMap(ScanKind::name, Function.identity()));

    private final JsonParser json;
    private final byte[] body;
    private final int length;
    private final int start;

    private String requestId = "";
    private String sessionId = "";
    private String agentName = "";
    private boolean includeEvidence;
    private String kind = "";

    private ScanRequestReader(byte[] body, int length) throws IOException {
        this.body = body;
        this.length = length;
        this.start = marked(body, length) ? MARK.length : 0;
        this.json = JSON.createParser(body, start, length - start);
    }

    /**
     * Reads {@code body}.
     *
     * @param allowed the kinds that the policy answers
     * @throws ScanRefusedException with the code that answers the call
     */
    static ScanRequest read(byte[] body, int length, Set<ScanKind> allowed) throws ScanRefusedException {
        if (!utf8(body, length)) {
            throw invalid("the body is not UTF-8");
        }
        try {
            var reader = new ScanRequestReader(body, length);
            try (reader.json) {
                return reader.request(allowed);
            }
        } catch (IOException e) {
            throw new ScanRefusedException(ScanError.INVALID_JSON, "", "the body is not one JSON object");
        }
    }

    /** A byte order mark is let pass (RFC 8259 section 8.1). */
    private static boolean marked(byte[] body, int length) {
        return length >= MARK.length && Arrays.equals(body, 0, MARK.length, MARK, 0, MARK.length);
    }

    private static boolean utf8(byte[] body, int length) {
        var ascii = 0;
        while (ascii + Long.BYTES <= length && (Lanes.of(body, ascii) & Lanes.HIGH) == 0) {
            ascii += Long.BYTES;
        }
        return Utf8.isWellFormed(body, ascii, length - ascii);
    }

    /** What an input says before its kind is known. */
    private static final class Draft {
        @Nullable
        String url;

        /** Where the string begins. */
        int text = NOWHERE;

        int content = NOWHERE;

        @Nullable
        String toolName;

        byte @Nullable [] arguments;
    }

    private record Stated(@Nullable String kind, @Nullable Draft input) {}

    private ScanRequest request(Set<ScanKind> allowed) throws IOException, ScanRefusedException {
        expect(json.nextToken(), JsonToken.START_OBJECT, "the body must be a JSON object");
        var seen = new HashSet<String>();
        String stated = null;
        Draft draft = null;
        List<Stated> batch = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var name = once(seen);
            json.nextToken();
            switch (name) {
                case "kind" -> stated = string("kind");
                case "input" -> draft = draft();
                case "inputs" -> batch = drafts();
                case "context" -> context();
                case "options" -> options();
                default -> throw unknown("kind, input, inputs, context and options");
            }
        }
        if (json.nextToken() != null) {
            throw invalid("there is something behind the JSON object");
        }
        if (batch != null && (stated != null || draft != null)) {
            throw new ScanRefusedException(
                    ScanError.INVALID_INPUT, "", "write either kind and input, or inputs, not both");
        }
        var inputs = new ArrayList<ScanRequest.Input>();
        if (batch == null) {
            inputs.add(input(stated, draft, allowed, ""));
        } else {
            for (var i = 0; i < batch.size(); i++) {
                inputs.add(input(batch.get(i).kind(), batch.get(i).input(), allowed, "inputs[" + i + "]: "));
            }
        }
        return new ScanRequest(inputs, batch != null, requestId, sessionId, agentName, includeEvidence);
    }

    private List<Stated> drafts() throws IOException, ScanRefusedException {
        expect(json.currentToken(), JsonToken.START_ARRAY, "inputs must be an array");
        var all = new ArrayList<Stated>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (all.size() == INPUTS) {
                throw new ScanRefusedException(
                        ScanError.INVALID_INPUT, "", "inputs holds more than " + INPUTS + " inputs");
            }
            expect(json.currentToken(), JsonToken.START_OBJECT, "every item of inputs must be an object");
            var seen = new HashSet<String>();
            String stated = null;
            Draft draft = null;
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var name = once(seen);
                json.nextToken();
                switch (name) {
                    case "kind" -> stated = string("kind");
                    case "input" -> draft = draft();
                    default -> throw unknown("kind and input");
                }
            }
            all.add(new Stated(stated, draft));
        }
        if (all.isEmpty()) {
            throw new ScanRefusedException(ScanError.INVALID_INPUT, "", "inputs is empty");
        }
        return all;
    }

    private Draft draft() throws IOException, ScanRefusedException {
        expect(json.currentToken(), JsonToken.START_OBJECT, "input must be an object");
        var seen = new HashSet<String>();
        var draft = new Draft();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var name = once(seen);
            json.nextToken();
            switch (name) {
                case "url" -> draft.url = string("url");
                case "text" -> draft.text = place("text");
                case "content" -> draft.content = place("content");
                case "tool_name" -> draft.toolName = string("tool_name");
                case "arguments" -> draft.arguments = raw();
                default -> throw unknown("url, text, content, tool_name and arguments");
            }
        }
        return draft;
    }

    /** The bytes of the value that begins here. */
    private byte[] raw() throws IOException {
        var from = start + (int) json.currentTokenLocation().getByteOffset();
        json.skipChildren();
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            // The parser reads strings lazily; only a finished one has an end.
            var unused = json.getTextLength();
        }
        var to = start + (int) json.currentLocation().getByteOffset();
        return Arrays.copyOfRange(body, from, Math.min(to, length));
    }

    private void context() throws IOException, ScanRefusedException {
        expect(json.currentToken(), JsonToken.START_OBJECT, "context must be an object");
        var seen = new HashSet<String>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var name = once(seen);
            json.nextToken();
            switch (name) {
                case "request_id" -> requestId = id("request_id");
                case "session_id" -> sessionId = id("session_id");
                case "agent_name" -> agentName = id("agent_name");
                default -> throw unknown("request_id, session_id and agent_name");
            }
        }
    }

    private void options() throws IOException, ScanRefusedException {
        expect(json.currentToken(), JsonToken.START_OBJECT, "options must be an object");
        var seen = new HashSet<String>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var name = once(seen);
            json.nextToken();
            if (!name.equals("include_evidence")) {
                throw unknown("include_evidence");
            }
            if (!json.currentToken().isBoolean()) {
                throw invalid("include_evidence must be true or false");
            }
            includeEvidence = json.getBooleanValue();
        }
    }

    private ScanRequest.Input input(@Nullable String stated, @Nullable Draft draft, Set<ScanKind> allowed, String where)
            throws ScanRefusedException {
        var known = stated == null ? null : KINDS.get(stated);
        kind = known == null ? "unknown" : known.name();
        if (known == null) {
            throw new ScanRefusedException(
                    ScanError.INVALID_KIND, kind, where + "kind must be one of url, dlp, prompt_injection, tool_call");
        }
        if (!allowed.contains(known)) {
            throw new ScanRefusedException(
                    ScanError.KIND_DISABLED,
                    kind,
                    where + "the policy does not answer kind " + known + ": add it to spec.scanApi.kinds");
        }
        if (draft == null) {
            throw wrong(where + "input is missing");
        }
        return switch (known) {
            case url ->
                new ScanRequest.Input(known, named(where, "url", draft.url, URL_BYTES, count(draft) == 1), NONE);
            case dlp -> text(known, where, "text", draft.text, count(draft) == 1);
            case prompt_injection -> text(known, where, "content", draft.content, count(draft) == 1);
            case tool_call -> toolCall(where, draft);
        };
    }

    private ScanRequest.Input toolCall(String where, Draft draft) throws ScanRefusedException {
        var arguments = draft.arguments == null ? NONE : draft.arguments;
        if (arguments.length > TEXT_BYTES) {
            throw wrong(where + "arguments is longer than " + TEXT_BYTES + " bytes");
        }
        var alone = count(draft) == (draft.arguments == null ? 1 : 2);
        var name = named(where, "tool_name", draft.toolName, TOOL_NAME_BYTES, alone);
        return new ScanRequest.Input(ScanKind.tool_call, name, arguments);
    }

    private String named(String where, String field, @Nullable String value, int bytes, boolean alone)
            throws ScanRefusedException {
        check(where, field, value == null ? 0 : value.getBytes(StandardCharsets.UTF_8).length, bytes, alone);
        return value == null ? "" : value;
    }

    private ScanRequest.Input text(ScanKind known, String where, String field, int place, boolean alone)
            throws ScanRefusedException {
        var text = place == NOWHERE ? NONE : JsonString.utf8(body, place);
        check(where, field, text.length, TEXT_BYTES, alone);
        return new ScanRequest.Input(known, "", text);
    }

    private void check(String where, String field, int bytes, int most, boolean alone) throws ScanRefusedException {
        if (bytes == 0) {
            throw wrong(where + "kind " + kind + " needs input." + field);
        }
        if (!alone) {
            throw wrong(where + "input holds a field that kind " + kind + " has no use for");
        }
        if (bytes > most) {
            throw wrong(where + "input." + field + " is longer than " + most + " bytes");
        }
    }

    private static int count(Draft draft) {
        return (draft.url == null ? 0 : 1)
                + (draft.text == NOWHERE ? 0 : 1)
                + (draft.content == NOWHERE ? 0 : 1)
                + (draft.toolName == null ? 0 : 1)
                + (draft.arguments == null ? 0 : 1);
    }

    /** The name of the field that begins here, which must not have been there before. */
    private String once(Set<String> seen) throws IOException, ScanRefusedException {
        var name = json.currentName();
        if (!seen.add(name)) {
            throw invalid("a field is there twice");
        }
        return name;
    }

    private String string(String field) throws IOException, ScanRefusedException {
        expect(json.currentToken(), JsonToken.VALUE_STRING, field + " must be a string");
        return json.getText();
    }

    /** Where the string begins that is read when it is known to be wanted, and not before all of the body was. */
    private int place(String field) throws ScanRefusedException {
        expect(json.currentToken(), JsonToken.VALUE_STRING, field + " must be a string");
        return start + (int) json.currentTokenLocation().getByteOffset();
    }

    /** A name that is echoed or logged: short, printable ASCII. */
    private String id(String field) throws IOException, ScanRefusedException {
        var id = string(field);
        if (id.length() > ID_LENGTH || !id.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            throw new ScanRefusedException(
                    ScanError.INVALID_INPUT,
                    kind,
                    "context." + field + " must be at most " + ID_LENGTH + " printable ASCII characters");
        }
        return id;
    }

    private static void expect(@Nullable JsonToken token, JsonToken wanted, String otherwise)
            throws ScanRefusedException {
        if (token != wanted) {
            throw invalid(otherwise);
        }
    }

    private static ScanRefusedException unknown(String known) {
        return invalid("there is a field that is not known here; known are " + known);
    }

    private static ScanRefusedException invalid(String message) {
        return new ScanRefusedException(ScanError.INVALID_JSON, "", message);
    }

    private ScanRefusedException wrong(String message) {
        return new ScanRefusedException(ScanError.INVALID_INPUT, kind, message);
    }
}
