package dev.portcullis.crd.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads YAML as {@code kubectl} understands it (YAML 1.1 scalars, no sexagesimal numbers), within bounds that no file of
 * ours comes near: {@link #MAX_BYTES}, {@link #MAX_DEPTH}, {@link #MAX_ALIASES}, {@link #MAX_NODES}.
 */
final class YamlReader {
    /** Largest file, in bytes. */
    static final int MAX_BYTES = 4 << 20;
    /** Deepest nesting. */
    static final int MAX_DEPTH = 50;
    /** Most aliases of groups and lists in one file. */
    static final int MAX_ALIASES = 50;
    /** Most values in one document, aliases expanded. */
    static final int MAX_NODES = 200_000;

    private static final JsonNodeFactory JSON = JsonNodeFactory.withExactBigDecimals(false);

    private final Map<String, YamlDocument.Place> places = new HashMap<>();
    private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());
    private int nodes;

    private YamlReader() {}

    /**
     * Hands every document of {@code bytes} that is not empty to {@code documents}, up to the first one that cannot be
     * read.
     */
    static void read(byte[] bytes, Consumer<YamlDocument> documents) throws YamlException {
        if (bytes.length > MAX_BYTES) {
            throw new YamlException(
                    "the file has " + bytes.length + " bytes and " + MAX_BYTES + " are read at most: split it", 0, 0);
        }
        var options = new LoaderOptions();
        options.setCodePointLimit(MAX_BYTES);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setMaxAliasesForCollections(MAX_ALIASES);
        try {
            var composer =
                    new Composer(new ParserImpl(new StreamReader(text(bytes)), options), new Resolver(), options);
            while (composer.checkNode()) {
                var reader = new YamlReader();
                var root = composer.getNode();
                reader.places.put("", place(root, root));
                var content = reader.json(root, "");
                if (!content.isNull()) {
                    documents.accept(new YamlDocument(content, Map.copyOf(reader.places)));
                }
            }
        } catch (MarkedYAMLException e) {
            throw new YamlException(sentence(e), e.getProblemMark());
        } catch (ReaderException e) {
            throw new YamlException(
                    "a character that YAML does not allow (U+" + String.format(Locale.ROOT, "%04X", e.getCodePoint())
                            + "): remove it",
                    0,
                    0);
        } catch (YAMLException e) {
            throw new YamlException("not readable as YAML: " + e.getMessage(), 0, 0);
        } catch (NumberFormatException e) {
            // What SnakeYAML lets out for an escape of a character that the file ends in.
            throw new YamlException(
                    "not valid YAML: an escape such as \\u0041 is cut off or has other characters", 0, 0);
        }
    }

    private static String sentence(MarkedYAMLException e) {
        var problem = e.getProblem() == null ? "" : e.getProblem();
        if (problem.contains("\\t")) {
            return "a tab where YAML wants spaces: indent with spaces";
        }
        return "not valid YAML: " + (e.getContext() == null ? "" : e.getContext() + ", ") + problem;
    }

    private static String text(byte[] bytes) throws YamlException {
        var start = bytes.length >= 3 && bytes[0] == (byte) 0xef && bytes[1] == (byte) 0xbb && bytes[2] == (byte) 0xbf
                ? 3
                : 0;
        var in = ByteBuffer.wrap(bytes, start, bytes.length - start);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(in)
                    .toString();
        } catch (CharacterCodingException e) {
            var line = 1;
            var column = 1;
            for (var i = start; i < in.position(); i++) {
                column = bytes[i] == '\n' ? 1 : column + 1;
                line += bytes[i] == '\n' ? 1 : 0;
            }
            throw new YamlException("not UTF-8: save the file in that encoding", line, column);
        }
    }

    private JsonNode json(Node node, String path) throws YamlException {
        if (++nodes > MAX_NODES) {
            throw new YamlException(
                    "more than " + MAX_NODES + " values in one document, aliases counted each time: split it",
                    node.getStartMark());
        }
        if (node instanceof ScalarNode scalar) {
            return scalar(scalar);
        }
        if (!open.add(node)) {
            throw new YamlException("an alias inside what it stands for: write the value out", node.getStartMark());
        }
        var json = node instanceof MappingNode mapping ? object(mapping, path) : array((SequenceNode) node, path);
        open.remove(node);
        return json;
    }

    private JsonNode object(MappingNode mapping, String path) throws YamlException {
        plain(mapping, Tag.MAP);
        var object = JSON.objectNode();
        for (var field : mapping.getValue()) {
            if (!(field.getKeyNode() instanceof ScalarNode key)) {
                throw new YamlException(
                        "a group or list as a field's name: write a plain name",
                        field.getKeyNode().getStartMark());
            }
            if (key.getTag().equals(Tag.MERGE)) {
                throw new YamlException("merge keys (<<) are not read: write the fields out", key.getStartMark());
            }
            var name = key.getValue();
            if (object.has(name)) {
                throw new YamlException(
                        "field '" + shortened(name) + "' is there twice: remove one", key.getStartMark());
            }
            var at = JsonPath.child(path, name);
            var value = field.getValueNode();
            places.put(at, value instanceof ScalarNode ? place(key, value) : place(key, key));
            object.set(name, json(value, at));
        }
        return object;
    }

    private JsonNode array(SequenceNode sequence, String path) throws YamlException {
        plain(sequence, Tag.SEQ);
        var array = JSON.arrayNode();
        for (var item : sequence.getValue()) {
            var at = JsonPath.item(path, array.size());
            places.put(at, place(item, item));
            array.add(json(item, at));
        }
        return array;
    }

    private static YamlDocument.Place place(Node name, Node value) {
        var start = name.getStartMark();
        var end = value.getStartMark();
        return new YamlDocument.Place(
                start.getLine() + 1, start.getColumn() + 1, end.getLine() + 1, end.getColumn() + 1);
    }

    private static void plain(Node node, Tag tag) throws YamlException {
        if (!node.getTag().equals(tag)) {
            throw new YamlException(
                    "tag '" + shortened(node.getTag().getValue()) + "' is not read: remove it", node.getStartMark());
        }
    }

    private static JsonNode scalar(ScalarNode node) throws YamlException {
        var text = node.getValue();
        var tag = node.getTag();
        if (tag.equals(Tag.STR) || tag.equals(Tag.TIMESTAMP)) {
            return JSON.textNode(text);
        }
        if (tag.equals(Tag.NULL)) {
            return JSON.nullNode();
        }
        if (tag.equals(Tag.BOOL)) {
            return JSON.booleanNode(
                    switch (text.toLowerCase(Locale.ROOT)) {
                        case "true", "yes", "on" -> true;
                        default -> false;
                    });
        }
        if (tag.equals(Tag.INT)) {
            return integer(text);
        }
        if (tag.equals(Tag.FLOAT)) {
            return decimal(text);
        }
        throw new YamlException("tag '" + shortened(tag.getValue()) + "' is not read: remove it", node.getStartMark());
    }

    private static JsonNode integer(String text) {
        var digits = text.replace("_", "");
        var sign = digits.startsWith("-") ? "-" : "";
        var unsigned = digits.startsWith("-") || digits.startsWith("+") ? digits.substring(1) : digits;
        try {
            var value = unsigned.startsWith("0x")
                    ? new BigInteger(sign + unsigned.substring(2), 16)
                    : unsigned.startsWith("0b")
                            ? new BigInteger(sign + unsigned.substring(2), 2)
                            : unsigned.length() > 1 && unsigned.startsWith("0")
                                    ? new BigInteger(sign + unsigned.substring(1), 8)
                                    : new BigInteger(sign + unsigned);
            return value.bitLength() < 32
                    ? JSON.numberNode(value.intValue())
                    : value.bitLength() < 64 ? JSON.numberNode(value.longValue()) : JSON.numberNode(value);
        } catch (NumberFormatException e) {
            return JSON.textNode(text);
        }
    }

    private static JsonNode decimal(String text) {
        try {
            var value = Double.parseDouble(text.replace("_", ""));
            return Double.isFinite(value) ? JSON.numberNode(value) : JSON.textNode(text);
        } catch (NumberFormatException e) {
            return JSON.textNode(text);
        }
    }

    private static String shortened(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }
}
