package dev.portcullis.dataplane.flow.detect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.portcullis.crd.v1alpha1.TimeSpan;
import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.flow.decode.FlowRecord;
import dev.portcullis.dataplane.flow.window.FlowWindow;
import dev.portcullis.dataplane.flow.window.WindowLimits;
import dev.portcullis.dataplane.flow.window.WindowSums;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Scenario} through some workers' windows and the detector, as the engine does, on a virtual clock: records
 * every 20 ms, a look at what is near a limit every 100 ms, a decision every tick.
 */
final class ScenarioRun {
    static final String STANDARD = """
            networks: ["203.0.113.0/24", "198.51.100.0/24", "2001:db8::/32"]
            thresholds: {packetsPerSecond: 80k, bitsPerSecond: 1G, flowsPerSecond: 35k, tcpSyn: {packetsPerSecond: 20k}}
            hysteresis: 10s
            api: {allowUnauthenticated: true}
            """;

    private static final long STEP = 20;
    private static final long GLANCE = 100;

    /** What was told of one attack. */
    static final class Told {
        final Attack first;
        final Set<String> kinds = new LinkedHashSet<>();
        final Set<String> vectors = new LinkedHashSet<>();
        final long startedAt;
        long endedAt = -1;
        int updates;

        Told(Attack attack, long at) {
            first = attack;
            startedAt = at;
            note(attack);
        }

        void note(Attack attack) {
            kinds.add(attack.classification().type());
            attack.vectors().forEach(vector -> vectors.add(vector.type()));
        }

        String target() {
            var address = first.target().getHostAddress();
            return switch (first.extent().scope()) {
                case HOST -> address;
                case PREFIX -> address + "/" + first.extent().prefixLength();
                case GROUP -> first.group();
            };
        }

        @Override
        public String toString() {
            return target() + " " + first.direction().label() + " " + first.metric() + " "
                    + Math.round(first.rate()) + " above " + Math.round(first.threshold()) + " ("
                    + first.basis().source()
                    + ") " + kinds + " " + vectors + ", " + startedAt + " ms to " + endedAt + " ms";
        }
    }

    private final Scenario scenario;
    private final WindowLimits limits;
    private final List<FlowWindow> workers = new ArrayList<>();
    private final List<ShapeSource> sources = new ArrayList<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final Detector detector = new Detector(() -> "attack-" + ids.incrementAndGet());
    private final WindowSums merged = new WindowSums();
    private final WindowSums part = new WindowSums();
    private final Map<String, Told> told = new LinkedHashMap<>();
    private ObjectNode spec;
    private FlowPolicy policy;
    // A Sunday night; the origin of the monotonic clock is as the engine's.
    private Instant wall = Instant.parse("2026-11-22T22:00:00Z");
    private final long origin = 3_600_000;

    private ScenarioRun(Scenario scenario, int workerCount, long seed) {
        this.scenario = scenario;
        spec = read(STANDARD);
        change(scenario.policy());
        policy = TestPolicies.policy(spec.toString());
        limits = new WindowLimits(workerCount);
        limits.apply(policy.window());
        for (var i = 0; i < workerCount; i++) {
            workers.add(new FlowWindow(limits, policy.window(), seed + i));
        }
        for (var i = 0; i < scenario.traffic().size(); i++) {
            sources.add(
                    new ShapeSource(scenario.traffic().get(i), scenario.run().millis(), seed * 1000 + i));
        }
    }

    /** Every attack that was told of. */
    static List<Told> of(Scenario scenario, int workerCount, long seed) {
        return new ScenarioRun(scenario, workerCount, seed).run();
    }

    private List<Told> run() {
        var events = new ArrayList<>(scenario.events() == null ? List.<Scenario.Event>of() : scenario.events());
        var end = scenario.run().millis();
        for (var now = STEP; now <= end; now += STEP) {
            while (!events.isEmpty() && events.getFirst().at().millis() <= now) {
                happen(events.removeFirst());
            }
            wall = wall.plusMillis(STEP);
            var millis = origin + now;
            workers.forEach(worker -> worker.now(millis));
            for (var source : sources) {
                source.emit(now - STEP, now, origin, (turn, flow) -> workers.get(turn % workers.size())
                        .accept(new FlowRecord[] {flow}, 1));
            }
            if (millis % policy.tick().toMillis() < STEP) {
                tick(now, millis);
            } else if (millis % GLANCE == 0 && policy.confirmTicks() == 1) {
                glance(now, millis);
            }
        }
        return List.copyOf(told.values());
    }

    private void glance(long now, long millis) {
        merged.clear(policy.window().seconds());
        for (var worker : workers) {
            worker.glance(part);
            merged.merge(part);
        }
        if (detector.urgent(merged, policy)) {
            tick(now, millis);
        }
    }

    private void tick(long now, long millis) {
        merged.clear(policy.window().seconds());
        for (var worker : workers) {
            worker.begin(part);
            while (!worker.step(1000)) {
                // The engine reads its sockets here.
            }
            merged.merge(part);
        }
        var changes = detector.tick(merged, policy, millis, wall);
        changes.started().forEach(attack -> told.put(attack.id(), new Told(attack, now)));
        changes.ongoing().forEach(attack -> known(attack).note(attack));
        changes.updated().forEach(attack -> known(attack).updates++);
        changes.ended().forEach(attack -> known(attack).endedAt = now);
    }

    private Told known(Attack attack) {
        var known = told.get(attack.id());
        if (known == null) {
            throw new AssertionError("told of an attack that never started: " + attack);
        }
        return known;
    }

    private void happen(Scenario.Event event) {
        var jump = event.wallClock();
        if (jump != null) {
            var back = jump.startsWith("-");
            var by = TimeSpan.parse(back ? jump.substring(1) : jump).duration();
            wall = wall.plus(back ? by.negated() : by);
        }
        if (event.policy() != null) {
            change(event.policy());
            policy = TestPolicies.policy(spec.toString());
            limits.apply(policy.window());
            workers.forEach(worker -> worker.apply(policy.window()));
        }
    }

    private void change(@Nullable JsonNode fields) {
        if (fields != null) {
            spec.setAll((ObjectNode) fields);
        }
    }

    private static ObjectNode read(String yaml) {
        try {
            return (ObjectNode) new YAMLMapper().readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** Why {@code told} is not what {@code expected} says, or null where it is. */
    static @Nullable String mismatch(List<Scenario.Expectation> expected, List<Told> told) {
        var left = new ArrayList<>(told);
        for (var each : expected) {
            var found = left.stream().filter(attack -> matches(each, attack)).findFirst();
            if (found.isEmpty()) {
                return "expected " + each + " but was told of " + told;
            }
            left.remove(found.get());
        }
        return left.isEmpty() ? null : "told of what was not expected: " + left;
    }

    private static boolean matches(Scenario.Expectation expected, Told told) {
        return expected.target().equals(told.target())
                && (expected.vector() == null || told.kinds.contains(expected.vector()))
                && (expected.vectors() == null || told.vectors.containsAll(expected.vectors()))
                && (expected.metric() == null || expected.metric().equals(told.first.metric()))
                && (expected.direction() == null ? "incoming" : expected.direction())
                        .equals(told.first.direction().label())
                && (expected.basis() == null ? "static" : expected.basis())
                        .equals(told.first.basis().source())
                && within(expected.start(), told.startedAt)
                && (expected.end() == null ? told.endedAt < 0 : within(expected.end(), told.endedAt));
    }

    private static boolean within(List<Scenario.Moment> bounds, long at) {
        return at >= bounds.get(0).millis() && at <= bounds.get(1).millis();
    }

    static Duration virtual(Scenario scenario) {
        return Duration.ofMillis(scenario.run().millis());
    }
}
