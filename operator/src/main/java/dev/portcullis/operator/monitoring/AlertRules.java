package dev.portcullis.operator.monitoring;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.portcullis.operator.resource.Role;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.openshift.api.model.monitoring.v1.RuleGroup;
import io.fabric8.openshift.api.model.monitoring.v1.RuleGroupBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Shipped alert rules. Each resource gets a copy that looks at its own series only, so that two resources do not raise each
 * other's alerts. Immutable.
 */
final class AlertRules {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Map<Role, AlertRules> SHIPPED = new EnumMap<>(Role.class);

    /** A quoted string, or the name of one of our metrics, or {@code up}, and the brace of its matchers if it has any. */
    private static final Pattern SELECTOR = Pattern.compile(
            "\"(?:[^\"\\\\]|\\\\.)*\"|\\b((?:pipelock|kapkan|portcullis)_[a-zA-Z0-9_]+|up(?=\\{))(\\{)?");

    static {
        for (var role : Role.values()) {
            SHIPPED.put(role, new AlertRules(role));
        }
    }

    private final Role role;
    private final List<RuleGroup> groups;

    private AlertRules(Role role) {
        this.role = role;
        var file = "/grafana/alerts/" + role.label() + ".yaml";
        try (var in = Objects.requireNonNull(AlertRules.class.getResourceAsStream(file), file)) {
            groups = YAML.convertValue(YAML.readTree(in).path("groups"), new TypeReference<List<RuleGroup>>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rules for pods of {@code role}. */
    static AlertRules of(Role role) {
        return Objects.requireNonNull(SHIPPED.get(role));
    }

    /** The rules for the series of the resource {@code namespace/name}. */
    List<RuleGroup> narrowed(String namespace, String name) {
        var matchers = "namespace=\"" + namespace + "\"," + Dashboard.ownerLabel(role) + "=\"" + name + "\"";
        return groups.stream()
                .map(group -> {
                    var copy = new RuleGroupBuilder(group).build();
                    copy.getRules()
                            .forEach(rule -> rule.setExpr(
                                    new IntOrString(narrow(rule.getExpr().getStrVal(), matchers))));
                    return copy;
                })
                .toList();
    }

    /** {@code expression} with {@code matchers} on every series it selects. */
    static String narrow(String expression, String matchers) {
        return SELECTOR.matcher(expression).replaceAll(match -> {
            if (match.group(1) == null) {
                return java.util.regex.Matcher.quoteReplacement(match.group());
            }
            var closing = match.group(2) == null ? "}" : ",";
            return java.util.regex.Matcher.quoteReplacement(match.group(1) + "{" + matchers + closing);
        });
    }
}
