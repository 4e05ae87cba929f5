package dev.portcullis.dataplane.flow.detect;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.portcullis.crd.v1alpha1.TimeSpan;
import dev.portcullis.dataplane.flow.decode.IpBits;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Traffic over time and the attacks that should be told of it: every one that is expected, and no other.
 *
 * @param name a sentence
 * @param policy fields of a FlowDetector's spec, in place of those of {@link ScenarioRun#STANDARD}
 * @param run how long
 * @param traffic what comes, all shapes at once
 * @param events what else happens
 * @param expect attacks, in any order; empty for none
 */
record Scenario(
        String name,
        @Nullable JsonNode policy,
        Moment run,
        List<Shape> traffic,
        @Nullable List<Event> events,
        List<Expectation> expect) {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** A time since the start, or a length of time, in milliseconds. */
    record Moment(long millis) {
        @JsonCreator
        static Moment parse(String text) {
            return new Moment(TimeSpan.parse(text).toMillis());
        }
    }

    /** A rate, {@code 80k}, or one that grows or falls evenly, {@code 0-80k}. */
    record Rate(double first, double last) {
        @JsonCreator
        static Rate parse(String text) {
            var dash = text.indexOf('-');
            return dash < 0
                    ? new Rate(number(text), number(text))
                    : new Rate(number(text.substring(0, dash)), number(text.substring(dash + 1)));
        }

        private static double number(String text) {
            return new Quantity(text).getNumericalAmount().doubleValue();
        }
    }

    /**
     * One kind of traffic between two times.
     *
     * @param to an address, or a prefix whose first {@code hosts} addresses take turns
     * @param from an address, or a prefix of which any; default many of 100.64.0.0/10 or 2001:db8:ffff::/48
     * @param kind see {@link TrafficKind}
     * @param pps packets a second, real ones
     * @param bytes of a packet; default what is usual of the kind
     * @param sampling one in how many packets the exporter looks at
     * @param records a second; default 200, of sampled traffic what sampling leaves
     * @param flow length of each flow record, the active timeout of an exporter; default shorter than a second
     * @param flows how many flows there are at a time, of {@code flow}
     * @param together true where all flows are reported at one moment, as after a restart of the exporter
     * @param pulse on and off for so long each
     * @param protocol of the telemetry: netflow, or sflow, whose records count no flows
     * @param worker 0 or 1: which worker gets it; default all in turn
     */
    record Shape(
            @Nullable Moment start,
            @Nullable Moment end,
            String to,
            @Nullable String from,
            TrafficKind kind,
            Rate pps,
            @Nullable Integer bytes,
            @Nullable Integer hosts,
            @Nullable Integer sampling,
            @Nullable Integer records,
            @Nullable Moment flow,
            @Nullable Integer flows,
            @Nullable Boolean together,
            @Nullable Moment pulse,
            @Nullable String protocol,
            @Nullable Integer worker) {}

    /**
     * What happens beside traffic.
     *
     * @param wallClock by how much the wall clock jumps, {@code -2h} or {@code 30m}
     * @param policy fields of the spec that change
     */
    record Event(
            Moment at, @Nullable String wallClock, @Nullable JsonNode policy) {}

    /**
     * An attack that must be told of.
     *
     * @param target address, or prefix, or the name of a group
     * @param vector classification when it started or at any later time, or null for any
     * @param vectors kinds that must have been listed at some time
     * @param start earliest and latest
     * @param end earliest and latest, or null where it must go on until the end
     */
    record Expectation(
            String target,
            @Nullable String vector,
            @Nullable List<String> vectors,
            @Nullable String metric,
            @Nullable String direction,
            @Nullable String basis,
            List<Moment> start,
            @Nullable List<Moment> end) {}

    /**
     * A scenario with {@code below} has a twin in which the last of its traffic comes all the time at that rate, just below every
     * limit, and which is no attack.
     */
    private static List<ObjectNode> withTwin(ObjectNode scenario) {
        var below = scenario.remove("below");
        if (below == null) {
            return List.of(scenario);
        }
        var twin = scenario.deepCopy();
        twin.put("name", scenario.path("name").asText() + ", and just below every limit it is no attack");
        var traffic = (ArrayNode) twin.path("traffic");
        var last = (ObjectNode) traffic.get(traffic.size() - 1);
        last.set("pps", below);
        last.remove(List.of("start", "end", "pulse"));
        twin.putArray("expect");
        return List.of(scenario, twin);
    }

    /** A scenario with {@code $kind} is one of each kind of attack, with {@code $other} for another. */
    private static List<JsonNode> ofEachKind(JsonNode scenario) {
        var text = scenario.toString();
        if (!text.contains("$kind")) {
            return List.of(scenario);
        }
        var each = new ArrayList<JsonNode>();
        for (var kind : TrafficKind.attacks()) {
            var other = kind == TrafficKind.icmp_flood ? TrafficKind.gre_flood : TrafficKind.icmp_flood;
            try {
                each.add(YAML.readTree(text.replace("$kind", kind.name()).replace("$other", other.name())));
            } catch (IOException never) {
                throw new UncheckedIOException(never);
            }
        }
        return each;
    }

    /** An expectation with {@code hosts} is one of that many addresses, from {@code target} on. */
    private static void eachVictim(ArrayNode expectations) {
        for (var i = expectations.size() - 1; i >= 0; i--) {
            var first = (ObjectNode) expectations.get(i);
            var hosts = first.path("hosts").asInt(1);
            first.remove("hosts");
            for (var more = 1; more < hosts; more++) {
                var address = InetAddress.ofLiteral(first.path("target").asText());
                var next = IpBits.address(IpBits.high(address), IpBits.low(address) + more);
                expectations.add(first.deepCopy().put("target", next.getHostAddress()));
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** All scenarios of a file beside this class. */
    static List<Scenario> read(String file) {
        try (var in = Scenario.class.getResourceAsStream("scenarios/" + file)) {
            var scenarios = new ArrayList<Scenario>();
            for (var written : YAML.readTree(in)) {
                for (var ofKind : ofEachKind(written)) {
                    for (var one : withTwin((ObjectNode) ofKind)) {
                        eachVictim((ArrayNode) one.path("expect"));
                        scenarios.add(YAML.convertValue(one, Scenario.class));
                    }
                }
            }
            return scenarios;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(file, unreadable);
        }
    }
}
