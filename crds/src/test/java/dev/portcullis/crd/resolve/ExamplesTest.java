package dev.portcullis.crd.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExamplesTest {
    @ParameterizedTest
    @MethodSource("dev.portcullis.crd.resolve.Examples#good")
    void theResolverTakesEveryGoodExample(Examples.Good example) {
        var resource = Examples.resource(example.kind(), example.spec());

        var resolution = Resolver.resolve(new ResourceSet(List.of(resource), Examples.SECRETS, "default"));

        assertThat(resolution.problems()).isEmpty();
        assertThat(resolution.accepted()).containsExactly(resource.id());
    }

    @ParameterizedTest
    @MethodSource("dev.portcullis.crd.resolve.Examples#bad")
    void theResolverRefusesEveryBadExample(Examples.Bad example) {
        var resource = Examples.resource(example.kind(), example.spec());

        var resolution = Resolver.resolve(new ResourceSet(List.of(resource), Examples.SECRETS, "default"));

        assertThat(resolution.accepted()).isEmpty();
        assertThat(resolution.problems()).anySatisfy(problem -> {
            assertThat(problem.path()).isEqualTo(example.at());
            assertThat(problem.message()).contains(example.here());
        });
    }

    @Test
    void everyRuleCompiles() {
        Kinds.all().forEach(kind -> compile(Kinds.spec(kind)));
    }

    private static void compile(Schema schema) {
        assertThat(schema.rules()).allSatisfy(rule -> assertThat(rule.program()).isNotNull());
        schema.properties().values().forEach(ExamplesTest::compile);
        if (schema.items() != null) {
            compile(schema.items());
        }
        if (schema.additional() != null) {
            compile(schema.additional());
        }
    }

    @Test
    void everyRuleHasABadExampleThatItRefusesByItself() {
        var missing = new TreeSet<String>();
        for (var kind : Examples.KINDS) {
            rules(Kinds.spec(kind), kind, missing);
        }
        assertThat(missing).hasSizeGreaterThan(40);

        Examples.bad().forEach(example -> {
            var schema = Kinds.spec(example.kind());
            var spec = example.spec().deepCopy();
            Defaults.fillFields(spec, schema);
            broken(CelRules.value(spec), schema, example.kind(), missing);
        });

        // One shape in several places needs an example in one of them.
        missing.removeIf(rule -> rule.contains("hostGroups[].thresholds")
                || rule.contains("thresholdsOutgoing.")
                || rule.matches(".*thresholds\\.(tcp|udp|icmp|tcpSyn|fragments).*")
                || rule.matches(".*thresholds\\.(bitsPerSecond|flowsPerSecond).*"));
        assertThat(missing).isEmpty();
    }

    private static void rules(Schema schema, String path, TreeSet<String> found) {
        schema.rules().forEach(rule -> found.add(path + " " + rule.expression()));
        schema.properties().forEach((name, field) -> rules(field, path + "." + name, found));
        if (schema.items() != null) {
            rules(schema.items(), path + "[]", found);
        }
    }

    private static void broken(Object value, Schema schema, String path, TreeSet<String> missing) {
        for (var rule : schema.rules()) {
            if (!CelRules.holds(rule, value)) {
                missing.remove(path + " " + rule.expression());
            }
        }
        if (value instanceof java.util.Map<?, ?> map) {
            map.forEach((name, field) -> {
                var known = schema.properties().get(name);
                if (known != null) {
                    broken(field, known, path + "." + name, missing);
                }
            });
        } else if (value instanceof List<?> list && schema.items() != null) {
            new ArrayList<>(list).forEach(item -> broken(item, schema.items(), path + "[]", missing));
        }
    }
}
