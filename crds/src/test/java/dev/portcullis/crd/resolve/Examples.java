package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The specs of {@code src/test/resources/examples}, which the API server and the Resolver must judge alike. */
final class Examples {
    static final List<String> KINDS = List.of("AgentPolicy", "KillSwitch", "FlowDetector", "MitigationPolicy");

    /** Every Secret key that good examples refer to. */
    static final Set<SecretKey> SECRETS =
            Set.of(new SecretKey("default", "api", "noc"), new SecretKey("default", "bgp", "md5"));

    record Good(String kind, int number, JsonNode spec) {
        @Override
        public String toString() {
            return kind + " " + number;
        }
    }

    /** {@code says}: part of what the API server says; {@code here}: part of what the Resolver says. */
    record Bad(String kind, JsonNode spec, String says, String at, String here) {
        @Override
        public String toString() {
            return kind + " " + at + ": " + says;
        }
    }

    private Examples() {}

    static Stream<Good> good() {
        return KINDS.stream().flatMap(kind -> {
            var list = file(kind).path("good");
            return java.util.stream.IntStream.range(0, list.size()).mapToObj(i -> new Good(kind, i, list.get(i)));
        });
    }

    static Stream<Bad> bad() {
        return KINDS.stream()
                .flatMap(kind -> StreamSupport.stream(file(kind).path("bad").spliterator(), false)
                        .map(bad -> new Bad(
                                kind,
                                bad.get("spec"),
                                bad.get("says").asText(),
                                bad.get("at").asText(),
                                bad.path("here").asText(bad.get("says").asText()))));
    }

    static Resource resource(String kind, JsonNode spec) {
        return new Resource(new ResourceId(kind, "default", "example"), Map.of(), 1L, spec);
    }

    static ObjectNode object(String kind, JsonNode spec) {
        var object = new YAMLMapper().createObjectNode();
        object.put("apiVersion", "portcullis.dev/v1alpha1").put("kind", kind);
        object.putObject("metadata").put("name", "example").put("namespace", "default");
        object.set("spec", spec);
        return object;
    }

    private static JsonNode file(String kind) {
        var name = "/examples/" + kind.toLowerCase(Locale.ROOT) + ".yaml";
        try (var in = Examples.class.getResourceAsStream(name)) {
            return new YAMLMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
