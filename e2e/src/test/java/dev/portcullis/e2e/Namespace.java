package dev.portcullis.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One namespace of the node's cluster, seen through kubectl. */
record Namespace(Node node, String name) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Makes it, with the strictest Pod Security level enforced. */
    static Namespace restricted(Node node, String name) {
        node.kubectl("create", "namespace", name).run().orFail();
        node.kubectl("label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted")
                .run()
                .orFail();
        return new Namespace(node, name);
    }

    /** What kubectl says to {@code arguments} here; it must succeed. */
    String kubectl(String... arguments) {
        var all = new ArrayList<>(List.of("--namespace", name));
        all.addAll(List.of(arguments));
        return node.kubectl(all.toArray(String[]::new))
                .within(Duration.ofMinutes(4))
                .run()
                .orFail();
    }

    /** Merges {@code merge} into an object. */
    void patch(String kind, String object, String merge) {
        kubectl("patch", kind, object, "--type=merge", "--patch", merge);
    }

    /** One object. */
    JsonNode get(String kind, String object) {
        return parse(kubectl("get", kind, object, "--output=json"));
    }

    /** Every object of a kind. */
    JsonNode list(String kind) {
        return parse(kubectl("get", kind, "--output=json")).get("items");
    }

    /** A condition of an object's status, empty while it has none of that type. */
    JsonNode condition(String kind, String object, String type) {
        for (var condition : get(kind, object).at("/status/conditions")) {
            if (condition.get("type").asText().equals(type)) {
                return condition;
            }
        }
        return JSON.createObjectNode();
    }

    /** Whether a condition is True. */
    boolean is(String type, String kind, String object) {
        return condition(kind, object, type).path("status").asText().equals("True");
    }

    /** The one pod of a component. */
    JsonNode pod(String component) {
        for (var pod : list("pods")) {
            if (pod.at("/metadata/labels/app.kubernetes.io~1component").asText().equals(component)) {
                return pod;
            }
        }
        throw new AssertionError("no " + component + " pod in " + name);
    }

    /** The address of the one pod of a component. */
    String podAddress(String component) {
        return pod(component).at("/status/podIP").asText();
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
