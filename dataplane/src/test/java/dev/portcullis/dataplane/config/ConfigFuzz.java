package dev.portcullis.dataplane.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.codec.ConfigException;
import dev.portcullis.crd.codec.ManifestReader;
import dev.portcullis.crd.codec.SpecMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Fuzz targets of configuration: the files that people write, and what the operator hands to pods. */
public final class ConfigFuzz {
    /** Half of a pair of UTF-16 is text in YAML, but not in UTF-8. */
    private static final ObjectWriter ASCII =
            SpecMapper.mapper().writer().with(JsonWriteFeature.ESCAPE_NON_ASCII.mappedFeature());

    private ConfigFuzz() {}

    /**
     * A file of resources in YAML or JSON. Problems lie in the file, and what was read is the same when it is written as JSON
     * and read again.
     */
    public static void manifests(byte[] input) throws IOException {
        var read = ManifestReader.read("file", input);
        var lines = 2
                + new String(input, StandardCharsets.UTF_8)
                        .chars()
                        .filter(c -> "\n\r\u0085\u2028\u2029".indexOf(c) >= 0)
                        .count();
        for (var problem : read.problems()) {
            assertThat(problem.message()).isNotBlank();
            assertThat((long) problem.line()).isBetween(0L, lines);
            assertThat(problem.column()).isNotNegative();
        }
        for (var resource : read.resources()) {
            var tree = SpecMapper.mapper().createObjectNode();
            tree.put("apiVersion", "portcullis.dev/v1alpha1")
                    .put("kind", resource.id().kind());
            tree.putObject("metadata")
                    .put("namespace", resource.id().namespace())
                    .put("name", resource.id().name());
            if (!resource.spec().isMissingNode()) {
                tree.set("spec", resource.spec());
            }
            var again = ManifestReader.read("again", ASCII.writeValueAsBytes(tree));
            assertThat(again.problems()).isEmpty();
            assertThat(again.resources()).singleElement().satisfies(same -> {
                assertThat(same.id()).isEqualTo(resource.id());
                assertThat(same.spec().toString()).isEqualTo(resource.spec().toString());
            });
        }
    }

    /** A configuration as the operator writes it, with a revision that fits. What is read is written and read as the same. */
    public static void resolved(byte[] input) throws IOException {
        refusedInWords(input);
        if (tree(input) instanceof ObjectNode tree) {
            tree.put("revision", ConfigCodec.revision(tree));
            refusedInWords(tree.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private static JsonNode tree(byte[] input) {
        try {
            return SpecMapper.mapper().readTree(input);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    private static void refusedInWords(byte[] json) {
        try {
            var read = ConfigCodec.readFirewall(json);
            var written = ConfigCodec.write(ConfigCodec.stamped(read));
            assertThat(ConfigCodec.write(ConfigCodec.readFirewall(written.getBytes(StandardCharsets.UTF_8))))
                    .isEqualTo(written);
        } catch (ConfigException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
        try {
            var read = ConfigCodec.readFlow(json);
            var written = ConfigCodec.write(ConfigCodec.stamped(read));
            assertThat(ConfigCodec.write(ConfigCodec.readFlow(written.getBytes(StandardCharsets.UTF_8))))
                    .isEqualTo(written);
        } catch (ConfigException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
