package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import dev.portcullis.crd.codec.JsonPath;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/** Label selectors as Kubernetes defines them. */
final class Selector {
    private static final Pattern VALUE = Pattern.compile("([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?");
    private static final Pattern PREFIX = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");
    private static final Set<String> WITH_VALUES = Set.of("In", "NotIn");
    private static final Set<String> WITHOUT_VALUES = Set.of("Exists", "DoesNotExist");

    private Selector() {}

    /** Reports what is wrong with {@code selector}, which passed its schema. */
    static void check(JsonNode selector, String path, Problems problems) {
        selector.path("matchLabels").properties().forEach(label -> {
            var at = JsonPath.child(JsonPath.child(path, "matchLabels"), label.getKey());
            key(label.getKey(), at, problems);
            value(label.getValue().asText(), at, problems);
        });
        var expressions = selector.path("matchExpressions");
        for (var i = 0; i < expressions.size(); i++) {
            expression(expressions.path(i), JsonPath.item(JsonPath.child(path, "matchExpressions"), i), problems);
        }
    }

    private static void expression(JsonNode expression, String path, Problems problems) {
        key(expression.path("key").asText(), JsonPath.child(path, "key"), problems);
        var operator = expression.path("operator").asText();
        var values = expression.path("values");
        if (WITH_VALUES.contains(operator) && values.isEmpty()) {
            problems.add(
                    JsonPath.child(path, "values"),
                    ProblemReason.InvalidCombination,
                    "operator " + operator + " needs values: write values: [\"true\"]");
        } else if (WITHOUT_VALUES.contains(operator) && !values.isEmpty()) {
            problems.add(
                    JsonPath.child(path, "values"),
                    ProblemReason.InvalidCombination,
                    "operator " + operator + " takes no values: remove them");
        } else if (!WITH_VALUES.contains(operator) && !WITHOUT_VALUES.contains(operator)) {
            problems.add(
                    JsonPath.child(path, "operator"),
                    ProblemReason.InvalidValue,
                    "'" + SchemaCheck.shortened(operator) + "' is not one of In, NotIn, Exists, DoesNotExist");
        }
        for (var i = 0; i < values.size(); i++) {
            value(values.path(i).asText(), JsonPath.item(JsonPath.child(path, "values"), i), problems);
        }
    }

    private static void key(String key, String path, Problems problems) {
        var slash = key.indexOf('/');
        var name = key.substring(slash + 1);
        if (!NAME.matches(name) || (slash >= 0 && !PREFIX.matches(key.substring(0, slash)))) {
            problems.add(
                    path,
                    ProblemReason.InvalidValue,
                    "'" + SchemaCheck.shortened(key)
                            + "' is not a label key: write one such as app or portcullis.dev/agent");
        }
    }

    private static void value(String value, String path, Problems problems) {
        if (!VALUE.matches(value)) {
            problems.add(
                    path,
                    ProblemReason.InvalidValue,
                    "'" + SchemaCheck.shortened(value)
                            + "' is not a label value: write at most 63 letters, digits, dots, dashes and underscores");
        }
    }

    /** Whether {@code selector} takes a resource with {@code labels}; an empty one takes all. */
    static boolean matches(JsonNode selector, Map<String, String> labels) {
        return selector.path("matchLabels").properties().stream()
                        .allMatch(label -> label.getValue().asText().equals(labels.get(label.getKey())))
                && StreamSupport.stream(selector.path("matchExpressions").spliterator(), false)
                        .allMatch(expression -> matchesExpression(expression, labels));
    }

    private static boolean matchesExpression(JsonNode expression, Map<String, String> labels) {
        var value = labels.get(expression.path("key").asText());
        var listed = value != null
                && StreamSupport.stream(expression.path("values").spliterator(), false)
                        .anyMatch(item -> item.asText().equals(value));
        return switch (expression.path("operator").asText()) {
            case "In" -> listed;
            case "NotIn" -> !listed;
            case "Exists" -> value != null;
            default -> value == null;
        };
    }
}
