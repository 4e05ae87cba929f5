package dev.portcullis.crd.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.portcullis.crd.v1alpha1.AgentPolicy;
import dev.portcullis.crd.v1alpha1.FlowDetector;
import dev.portcullis.crd.v1alpha1.KillSwitch;
import dev.portcullis.crd.v1alpha1.MitigationPolicy;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeMap;

/** Makes the CRD files from the records, and mends what the generator cannot say. */
final class CrdYaml {
    /** Where the committed files are. */
    static final Path FOLDER = Path.of(System.getProperty("project.root", ".."), "crds", "yaml");

    private static final String HEADER =
            "# Made from the records of dev.portcullis.crd.v1alpha1: change those, then run\n# ./mvnw -pl crds test -Dcrds.write=true -Dtest=CrdYamlTest\n";

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();

    private static final Map<String, Class<?>> KINDS = Map.of(
            "AgentPolicy", AgentPolicy.class,
            "KillSwitch", KillSwitch.class,
            "FlowDetector", FlowDetector.class,
            "MitigationPolicy", MitigationPolicy.class);

    private CrdYaml() {}

    /** The CRDs as they should be committed: file name to text. */
    static Map<String, String> generate() throws IOException {
        var raw = Files.createTempDirectory("crds");
        var info = new CRDGenerator()
                .customResourceClasses(AgentPolicy.class, KillSwitch.class, FlowDetector.class, MitigationPolicy.class)
                .inOutputDir(raw.toFile())
                .detailedGenerate();
        var texts = new TreeMap<String, String>();
        for (var versions : info.getCRDDetailsPerNameAndVersion().values()) {
            for (var crd : versions.values()) {
                var file = Path.of(crd.getFilePath());
                var tree = (ObjectNode) YAML.readTree(Files.readString(file));
                mend(tree);
                texts.put(file.getFileName().toString(), HEADER + YAML.writeValueAsString(tree));
                Files.delete(file);
            }
        }
        Files.delete(raw);
        return texts;
    }

    private static void mend(ObjectNode crd) {
        var version = (ObjectNode) crd.at("/spec/versions/0");
        var schema = (ObjectNode) version.at("/schema/openAPIV3Schema");
        var kind = crd.at("/spec/names/kind").asText();
        ((ObjectNode) crd.get("metadata"))
                .putObject("labels")
                .put("app.kubernetes.io/name", "portcullis")
                .put("app.kubernetes.io/part-of", "portcullis");
        schema.put("description", Descriptions.KINDS.get(kind));
        schema.putArray("required").add("spec");
        var spec = (ObjectNode) schema.at("/properties/spec");
        spec.put("description", "What should be. Unset fields take their defaults.");
        var status = (ObjectNode) schema.at("/properties/status");
        status.put("description", "What is, as the operator last saw it.");
        columns(version, kind);
        walk(spec, "spec");
        Lists.key(spec, kind);
        examples(spec, "spec", Descriptions.EXAMPLES.get(kind));
        name(schema, kind);
        walk(status, "status");
        conditions((ObjectNode) status.at("/properties/conditions"));
    }

    private static void walk(ObjectNode schema, String path) {
        integers(schema);
        onceOnly(schema);
        if (schema.path("default").isNull()) {
            schema.put("default", "");
        }
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            schema.put(
                    "pattern", path.contains(".template.") ? Descriptions.KUBERNETES_QUANTITY : Descriptions.QUANTITY);
        }
        Embedded.mend(schema, path);
        if (path.startsWith("spec")) {
            Lists.bound(schema);
        }
        schema.path("properties").properties().forEach(field -> {
            var child = (ObjectNode) field.getValue();
            walk(child, path + "." + field.getKey());
        });
        if (schema.path("items") instanceof ObjectNode items) {
            walk(items, path + "[]");
        }
        if (schema.path("additionalProperties") instanceof ObjectNode values) {
            walk(values, path + "{}");
        }
    }

    private static void examples(ObjectNode schema, String path, Map<String, Object> examples) {
        var example = examples.getOrDefault(path, Descriptions.RATES.get(path.substring(path.lastIndexOf('.') + 1)));
        if (example != null) {
            schema.set("example", YAML.valueToTree(example));
        }
        schema.path("properties")
                .properties()
                .forEach(field -> examples((ObjectNode) field.getValue(), path + "." + field.getKey(), examples));
        if (schema.path("items") instanceof ObjectNode items) {
            examples(items, path + "[]", examples);
        }
    }

    /** Columns in the order of the kind's annotations; the generator sorts them by path. */
    private static void columns(ObjectNode version, String kind) {
        var byName = new HashMap<String, JsonNode>();
        version.get("additionalPrinterColumns")
                .forEach(column -> byName.put(column.get("name").asText(), column));
        var ordered = version.putArray("additionalPrinterColumns");
        for (var column : KINDS.get(kind).getAnnotationsByType(AdditionalPrinterColumn.class)) {
            ordered.add(byName.get(column.name()));
        }
    }

    /** The name goes into the names of a DaemonSet and a Service, which are shorter than resource names may be. */
    private static void name(ObjectNode schema, String kind) {
        if (kind.equals("AgentPolicy") || kind.equals("FlowDetector")) {
            schema.putArray("x-kubernetes-validations")
                    .addObject()
                    .put("rule", "self.metadata.name.matches('" + Descriptions.NAME + "')")
                    .put("message", Descriptions.NAME_MESSAGE);
        }
    }

    /** The generator writes bounds as doubles, which the API server prints back as such in messages. */
    private static void integers(ObjectNode schema) {
        for (var bound : new String[] {"minimum", "maximum"}) {
            if (schema.path("type").asText().equals("integer") && schema.has(bound)) {
                schema.put(bound, schema.get(bound).longValue());
            }
        }
    }

    /** The generator prints some rules twice. */
    private static void onceOnly(ObjectNode schema) {
        if (schema.path("x-kubernetes-validations") instanceof ArrayNode rules) {
            var distinct = new LinkedHashSet<JsonNode>();
            rules.forEach(distinct::add);
            schema.putArray("x-kubernetes-validations").addAll(distinct);
        }
    }

    private static void conditions(ObjectNode conditions) {
        conditions.put("x-kubernetes-list-type", "map");
        conditions.set(
                "x-kubernetes-list-map-keys",
                JsonNodeFactory.instance.arrayNode().add("type"));
        conditions.put("maxItems", 16);
        var item = (ObjectNode) conditions.get("items");
        item.set(
                "required",
                JsonNodeFactory.instance
                        .arrayNode()
                        .addAll(java.util.List.of(
                                TextNode.valueOf("lastTransitionTime"),
                                TextNode.valueOf("message"),
                                TextNode.valueOf("reason"),
                                TextNode.valueOf("status"),
                                TextNode.valueOf("type"))));
        var fields = item.path("properties");
        ((ObjectNode) fields.get("lastTransitionTime")).put("format", "date-time");
        ((ObjectNode) fields.get("message")).put("maxLength", 32768);
        ((ObjectNode) fields.get("reason"))
                .put("maxLength", 1024)
                .put("minLength", 1)
                .put("pattern", "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$");
        ((ObjectNode) fields.get("status"))
                .putArray("enum")
                .add("True")
                .add("False")
                .add("Unknown");
        ((ObjectNode) fields.get("type")).put("maxLength", 316);
        ((ObjectNode) fields.get("observedGeneration")).put("minimum", 0);
    }
}
