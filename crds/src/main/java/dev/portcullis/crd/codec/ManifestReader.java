package dev.portcullis.crd.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the four kinds, Secrets and ConfigMaps from YAML or JSON files, as {@code kubectl apply -f} would take them, and
 * remembers where each field stands. Everything that cannot be used is a {@link ManifestProblem}; nothing is skipped in
 * silence. An absent namespace is {@code default}.
 */
public final class ManifestReader {
    /** Most files read from one folder. */
    public static final int MAX_FILES = 1000;

    private static final String GROUP = "portcullis.dev/";
    private static final String API_VERSION = "portcullis.dev/v1alpha1";
    private static final Set<String> KINDS = Set.of("AgentPolicy", "KillSwitch", "FlowDetector", "MitigationPolicy");
    private static final Set<String> FIELDS = Set.of("apiVersion", "kind", "metadata", "spec", "status");
    private static final String NAME = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";

    private final Manifests manifests = new Manifests();

    private ManifestReader() {}

    /** Reads files, and the {@code .yaml}, {@code .yml} and {@code .json} files of folders (not of folders in them). */
    public static Manifests read(List<Path> paths) {
        var reader = new ManifestReader();
        for (var path : paths) {
            if (Files.isDirectory(path)) {
                reader.folder(path);
            } else {
                reader.file(path);
            }
        }
        return reader.manifests;
    }

    /** Reads {@code bytes}; {@code file} is what problems call them. */
    public static Manifests read(String file, byte[] bytes) {
        var reader = new ManifestReader();
        reader.documents(file, bytes);
        return reader.manifests;
    }

    private void folder(Path folder) {
        try (var list = Files.list(folder)) {
            var files = list.filter(file -> {
                        var name = file.getFileName().toString();
                        return !name.startsWith(".")
                                && name.matches(".+\\.(yaml|yml|json)")
                                && !Files.isDirectory(file);
                    })
                    .sorted()
                    .limit(MAX_FILES + 1L)
                    .toList();
            if (files.isEmpty()) {
                problem(folder.toString(), "no .yaml, .yml or .json file in this folder");
            } else if (files.size() > MAX_FILES) {
                problem(folder.toString(), "more than " + MAX_FILES + " files in this folder: nothing of it was read");
            } else {
                files.forEach(this::file);
            }
        } catch (IOException e) {
            problem(
                    folder.toString(),
                    "the folder cannot be read: " + e.getClass().getSimpleName());
        }
    }

    private void file(Path file) {
        try {
            if (!Files.exists(file)) {
                problem(file.toString(), "no such file or folder");
            } else if (!Files.isRegularFile(file)) {
                problem(file.toString(), "not a regular file");
            } else {
                try (var in = Files.newInputStream(file)) {
                    documents(file.toString(), in.readNBytes(YamlReader.MAX_BYTES + 1));
                }
            }
        } catch (IOException e) {
            problem(file.toString(), "the file cannot be read: " + e.getClass().getSimpleName());
        }
    }

    private void documents(String file, byte[] bytes) {
        try {
            YamlReader.read(bytes, document -> document(file, document));
        } catch (YamlException e) {
            manifests.add(new ManifestProblem(file, e.line(), e.column(), e.getMessage()));
        }
    }

    private void document(String file, YamlDocument document) {
        var content = document.content();
        var in = new Place(file, document, "");
        if (!content.isObject()) {
            in.problem("", "expected a Kubernetes resource with apiVersion, kind and metadata");
            return;
        }
        var apiVersion = content.path("apiVersion").asText("");
        var kind = content.path("kind").asText("");
        var name = content.at("/metadata/name");
        var named = new Place(file, document, (kind.isEmpty() ? "resource" : kind) + "/" + name.asText("?") + ": ");
        if (kind.isEmpty() || apiVersion.isEmpty()) {
            named.problem(
                    kind.isEmpty() ? "kind" : "apiVersion",
                    "is required: write apiVersion: " + API_VERSION + " and one of the kinds "
                            + String.join(", ", KINDS.stream().sorted().toList()));
            return;
        }
        if (!name.isTextual() || !name.textValue().matches(NAME)) {
            named.problem(
                    "metadata.name",
                    name.isMissingNode() || name.isNull()
                            ? "is required: write metadata: {name: my-name}"
                            : "is not a resource name: write lower-case letters, digits and dashes");
            return;
        }
        var namespace = content.at("/metadata/namespace");
        if (!namespace.isMissingNode()
                && !namespace.isNull()
                && !namespace.asText().matches(NAME)) {
            named.problem("metadata.namespace", "is not a namespace: write lower-case letters, digits and dashes");
            return;
        }
        var id = new ResourceId(
                kind,
                namespace.asText("").isEmpty() || namespace.isNull() ? "default" : namespace.asText(),
                name.textValue());
        if (apiVersion.equals("v1") && kind.equals("Secret")) {
            secret(id, content, named);
        } else if (apiVersion.equals("v1") && kind.equals("ConfigMap")) {
            configMap(id, content, named);
        } else if (KINDS.contains(kind) && apiVersion.equals(API_VERSION)) {
            resource(id, content, named);
        } else if (KINDS.contains(kind) || apiVersion.startsWith(GROUP)) {
            named.problem(
                    KINDS.contains(kind) ? "apiVersion" : "kind",
                    KINDS.contains(kind)
                            ? "write apiVersion: " + API_VERSION
                            : "is not a kind of portcullis.dev: write one of "
                                    + String.join(", ", KINDS.stream().sorted().toList()));
        } else {
            named.problem(
                    "kind",
                    "is not read here: only the kinds of portcullis.dev, Secret and ConfigMap are; move it to another folder");
        }
    }

    private void resource(ResourceId id, JsonNode content, Place place) {
        content.fieldNames().forEachRemaining(field -> {
            if (!FIELDS.contains(field)) {
                place.problem(field, "unknown field; a resource has apiVersion, kind, metadata and spec");
            }
        });
        var labels = new LinkedHashMap<String, String>();
        content.at("/metadata/labels").properties().forEach(label -> {
            if (label.getValue().isTextual()) {
                labels.put(label.getKey(), label.getValue().textValue());
            } else {
                place.problem(
                        JsonPath.child("metadata.labels", label.getKey()),
                        "a label's value is text: quote it, for example \"true\"");
            }
        });
        var spec = content.has("spec") ? content.get("spec") : MissingNode.getInstance();
        manifests.add(new Resource(id, labels, null, spec), place.file, place.document);
    }

    private void secret(ResourceId id, JsonNode content, Place place) {
        for (var part : List.of("data", "stringData")) {
            texts(content.path(part), part, place).forEach((key, text) -> {
                try {
                    manifests.addSecret(
                            new SecretKey(id.namespace(), id.name(), key),
                            part.equals("data")
                                    ? Base64.getDecoder().decode(text.replaceAll("[\\r\\n]", ""))
                                    : text.getBytes(StandardCharsets.UTF_8));
                } catch (IllegalArgumentException e) {
                    place.problem(
                            JsonPath.child(part, key), "is not base64: encode it, or move it to stringData as it is");
                }
            });
        }
    }

    private void configMap(ResourceId id, JsonNode content, Place place) {
        texts(content.path("data"), "data", place)
                .forEach((key, text) -> manifests.addConfigMap(new SecretKey(id.namespace(), id.name(), key), text));
    }

    private static Map<String, String> texts(JsonNode data, String path, Place place) {
        var texts = new LinkedHashMap<String, String>();
        if (!data.isObject() && !data.isMissingNode() && !data.isNull()) {
            place.problem(path, "expected keys with text");
        }
        data.properties().forEach(field -> {
            if (field.getValue().isTextual()) {
                texts.put(field.getKey(), field.getValue().textValue());
            } else {
                place.problem(JsonPath.child(path, field.getKey()), "expected text: quote the value");
            }
        });
        return texts;
    }

    private void problem(String file, String message) {
        manifests.add(new ManifestProblem(file, 0, 0, message));
    }

    /** A document that problems are found in. */
    private final class Place {
        private final String file;
        private final YamlDocument document;
        private final String prefix;

        Place(String file, YamlDocument document, String prefix) {
            this.file = file;
            this.document = document;
            this.prefix = prefix;
        }

        void problem(String path, String message) {
            var at = document.place(path);
            manifests.add(new ManifestProblem(
                    file,
                    at == null ? 0 : at.nameLine(),
                    at == null ? 0 : at.nameColumn(),
                    prefix + (path.isEmpty() ? "" : path + ": ") + message));
        }
    }
}
