package dev.portcullis.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The PromQL of dashboards and alert rules, and the metric families the code declares. */
final class Expressions {
    /** One expression, and where it stands. */
    record Expression(String where, String promql) {
        /** As Grafana sends it: with the variables of a dashboard filled in. */
        String filledIn() {
            return promql.replace("$__rate_interval", "1m")
                    .replace("$__range", "1h")
                    .replaceAll("\\$[a-z]+", ".*");
        }

        /** Our families in it, without the endings of a histogram's series. */
        Set<String> families() {
            var families = new TreeSet<String>();
            var matcher = FAMILY.matcher(promql);
            while (matcher.find()) {
                families.add(matcher.group().replaceAll("_(bucket|sum|count)$", ""));
            }
            return families;
        }
    }

    private static final Pattern FAMILY = Pattern.compile("\\b(pipelock|kapkan|portcullis)_[a-z0-9_]+\\b");
    private static final Pattern DECLARED = Pattern.compile("\"((?:pipelock|kapkan|portcullis)_[a-z0-9_]+)\"");

    private Expressions() {}

    /** Every expression of every panel of a dashboard. */
    static List<Expression> ofDashboard(Path file) throws IOException {
        var expressions = new ArrayList<Expression>();
        for (var panel : new ObjectMapper().readTree(file.toFile()).get("panels")) {
            for (var target : panel.path("targets")) {
                expressions.add(new Expression(
                        file.getFileName() + ": " + panel.get("title").asText(),
                        target.get("expr").asText()));
            }
        }
        return expressions;
    }

    /** Every expression of a file of alert rules. */
    static List<Expression> ofRules(Path file) {
        var expressions = new ArrayList<Expression>();
        for (var rule : rules(file)) {
            expressions.add(new Expression(
                    file.getFileName() + ": " + rule.get("alert").asText(),
                    rule.get("expr").asText()));
        }
        return expressions;
    }

    /** Every rule of a file of alert rules. */
    static List<JsonNode> rules(Path file) {
        var rules = new ArrayList<JsonNode>();
        for (var group : Manifests.tree(Project.read(file)).get("groups")) {
            group.get("rules").forEach(rules::add);
        }
        return rules;
    }

    /** Families declared by the code of one module: the string constants of its classes that look like one. */
    static Set<String> declaredBy(String module) throws IOException {
        var families = new TreeSet<String>();
        try (var sources = Files.walk(Project.ROOT.resolve(module).resolve("src/main/java"))) {
            for (var source : (Iterable<Path>) sources.filter(file ->
                    file.toString().contains("/metrics/") && file.toString().endsWith(".java"))::iterator) {
                var matcher = DECLARED.matcher(Project.read(source));
                while (matcher.find()) {
                    families.add(matcher.group(1));
                }
            }
        }
        return families;
    }
}
