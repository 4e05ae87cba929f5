package dev.portcullis.crd.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ResolverPropertyTest {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String[] WORDS = {
        "",
        "a",
        "Strict",
        "Block",
        "8888",
        "5Mi",
        "-1",
        "1e9",
        "5 Mib",
        "90s",
        "9999999999h",
        "1ms1ms",
        "203.0.113.0/24",
        "::/0",
        "::1",
        "0.0.0.0/0",
        "*.example.com",
        "(((((",
        "[z-a]",
        "a{1000}",
        "\u0000",
        "é\uD83D\uDE00",
        "%s",
        "true"
    };

    /** Trees that follow the schema's names, so that they get past the first check, with anything at all as values. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void noTreeMakesTheResolverThrow(long seed) {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++) {
            var resources = new ArrayList<Resource>();
            for (var kind : Examples.KINDS) {
                var spec = random.nextInt(10) == 0 ? anything(random, 4) : likely(Kinds.spec(kind), random, 0.1);
                resources.add(new Resource(new ResourceId(kind, "default", "a"), Map.of(), null, spec));
            }

            var resolution = Resolver.resolve(new ResourceSet(resources, Set.of(), "default"));

            assertThat(resolution.problems())
                    .allSatisfy(problem -> assertThat(problem.message()).isNotBlank());
            assertThat(resolution.accepted().size()
                            + resolution.problems().stream()
                                    .map(Problem::resource)
                                    .distinct()
                                    .count())
                    .isEqualTo(4);
        }
    }

    @Test
    void theOrderOfResourcesMakesNoDifference() {
        var resources = new ArrayList<Resource>();
        var random = new Random(5);
        for (var i = 0; i < 20; i++) {
            var kind = Examples.KINDS.get(random.nextInt(4));
            var spec = likely(Kinds.spec(kind), random, 0);
            resources.add(new Resource(new ResourceId(kind, "default", "r" + i), Map.of(), null, spec));
        }
        var first = Resolver.resolve(new ResourceSet(resources, Set.of(), "default"));
        java.util.Collections.shuffle(resources, random);

        assertThat(Resolver.resolve(new ResourceSet(resources, Set.of(), "default")))
                .isEqualTo(first);
    }

    @Test
    void aThousandPoliciesTakeLessThanFiveSecondsOfCpu() {
        var spec = Examples.good()
                .filter(example -> example.kind().equals("AgentPolicy") && example.number() == 2)
                .findFirst()
                .orElseThrow()
                .spec();
        var resources = IntStream.range(0, 1000)
                .mapToObj(i -> new Resource(new ResourceId("AgentPolicy", "ns" + i, "a"), Map.of(), 1L, spec))
                .toList();
        var set = new ResourceSet(resources, Set.of(), "default");
        assertThat(Resolver.resolve(set).problems()).isEmpty();

        var threads = ManagementFactory.getThreadMXBean();
        var start = threads.getCurrentThreadCpuTime();
        var resolution = Resolver.resolve(set);
        var millis = (threads.getCurrentThreadCpuTime() - start) / 1_000_000;

        System.out.println("1000 policies resolved in " + millis + " ms of CPU");
        assertThat(resolution.firewalls()).hasSize(1000);
        assertThat(millis).isLessThan(5_000);
    }

    private static JsonNode likely(Schema schema, Random random, double chaos) {
        if (random.nextDouble() < chaos) {
            return anything(random, 3);
        }
        return switch (schema.type()) {
            case OBJECT -> object(schema, random, chaos);
            case ARRAY -> {
                var array = JSON.arrayNode();
                for (var i = random.nextInt(4); i > 0; i--) {
                    array.add(likely(java.util.Objects.requireNonNull(schema.items()), random, chaos));
                }
                yield array;
            }
            case BOOLEAN -> JSON.booleanNode(random.nextBoolean());
            case INTEGER -> JSON.numberNode(random.nextInt(70_000));
            case STRING ->
                JSON.textNode(
                        schema.values().isEmpty()
                                ? WORDS[random.nextInt(WORDS.length)]
                                : schema.values()
                                        .get(random.nextInt(schema.values().size())));
            case QUANTITY -> random.nextBoolean() ? JSON.textNode("80k") : JSON.numberNode(random.nextInt(70_000));
        };
    }

    private static ObjectNode object(Schema schema, Random random, double chaos) {
        var object = JSON.objectNode();
        schema.properties().forEach((name, field) -> {
            if (schema.required().contains(name) || random.nextInt(3) == 0) {
                object.set(name, likely(field, random, chaos));
            }
        });
        if (schema.additional() != null) {
            object.set(WORDS[random.nextInt(WORDS.length)], likely(schema.additional(), random, chaos));
        }
        return object;
    }

    private static JsonNode anything(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 6 : 8)) {
            case 0 -> JSON.nullNode();
            case 1 -> JSON.booleanNode(random.nextBoolean());
            case 2 -> JSON.numberNode(random.nextLong());
            case 3 -> JSON.numberNode(random.nextDouble());
            case 4 -> JSON.textNode(WORDS[random.nextInt(WORDS.length)]);
            case 5 -> JSON.numberNode(new java.math.BigInteger(200, random));
            case 6 -> {
                var array = JSON.arrayNode();
                List.of(1, 2).forEach(i -> array.add(anything(random, depth - 1)));
                yield array;
            }
            default -> {
                var object = JSON.objectNode();
                object.set(WORDS[random.nextInt(WORDS.length)], anything(random, depth - 1));
                object.set("name", anything(random, depth - 1));
                yield object;
            }
        };
    }
}
