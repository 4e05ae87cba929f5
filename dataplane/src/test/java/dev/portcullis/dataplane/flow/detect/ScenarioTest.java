package dev.portcullis.dataplane.flow.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.portcullis.dataplane.flow.detect.Scenario.Expectation;
import dev.portcullis.dataplane.flow.detect.Scenario.Moment;
import dev.portcullis.dataplane.flow.window.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Traffic over time, through the real windows and the real detector: no false start, no missed attack. */
class ScenarioTest {
    private static final List<String> FILES = List.of(
            "ordinary.yaml",
            "floods.yaml",
            "vectors.yaml",
            "metrics.yaml",
            "telemetry.yaml",
            "spread.yaml",
            "changes.yaml",
            "baselines.yaml");
    private static final long SEED = 20261125;

    /** How many workers there are, and which records chance gives each, must not matter. */
    @TestFactory
    Stream<DynamicTest> everyScenario() {
        return tests(all().stream().flatMap(scenario -> IntStream.of(1, 2, 4)
                .mapToObj(workers -> new Run(scenario.name() + " (" + workers + " workers)", scenario, workers))));
    }

    /** Each shape with each kind of attack; by turns with one, two and four workers. */
    @TestFactory
    Stream<DynamicTest> everyKindInEveryShape() {
        var shapes = Scenario.read("shapes.yaml");
        return tests(IntStream.range(0, shapes.size())
                .mapToObj(i -> new Run(shapes.get(i).name(), shapes.get(i), 1 << i % 3)));
    }

    private record Run(String name, Scenario scenario, int workers) {
        /** With {@code -Dscenario=words} those alone whose names have the words. */
        boolean wanted() {
            return name.contains(System.getProperty("scenario", ""));
        }
    }

    /** All runs at once, as many side by side as there are cores, and a test of what each came to. */
    private static Stream<DynamicTest> tests(Stream<Run> runs) {
        return runs.filter(Run::wanted).toList().parallelStream()
                .map(run -> {
                    var failure = catchThrowable(() -> check(run.scenario(), run.workers()));
                    return DynamicTest.dynamicTest(run.name(), () -> {
                        if (failure != null) {
                            throw failure;
                        }
                    });
                })
                .toList()
                .stream();
    }

    private static void check(Scenario scenario, int workers) {
        var told = ScenarioRun.of(scenario, workers, SEED + workers);

        assertThat(ScenarioRun.mismatch(scenario.expect(), told)).isNull();
        assertCanFail(scenario, told);
    }

    /** The same run would not have passed with any other expectation. */
    private static void assertCanFail(Scenario scenario, List<ScenarioRun.Told> told) {
        var more = new ArrayList<>(scenario.expect());
        more.add(new Expectation(
                "192.0.2.1", null, null, null, null, null, List.of(new Moment(0), new Moment(1)), null));
        assertThat(ScenarioRun.mismatch(more, told)).isNotNull();
        for (var i = 0; i < Math.min(20, scenario.expect().size()); i++) {
            var fewer = new ArrayList<>(scenario.expect());
            var one = fewer.remove(i);
            assertThat(ScenarioRun.mismatch(fewer, told)).isNotNull();
            var later = one.start().get(1);
            fewer.add(
                    i,
                    new Expectation(
                            one.target(),
                            one.vector(),
                            one.vectors(),
                            one.metric(),
                            one.direction(),
                            one.basis(),
                            List.of(new Moment(later.millis() + 1), new Moment(later.millis() + 100_000_000)),
                            one.end()));
            assertThat(ScenarioRun.mismatch(fewer, told)).isNotNull();
        }
    }

    @Test
    void thereAreScenariosOfEverySort() {
        var names = all().stream().map(Scenario::name).toList();

        assertThat(names).hasSizeGreaterThanOrEqualTo(60).doesNotHaveDuplicates();
        for (var file : FILES) {
            assertThat(Scenario.read(file)).isNotEmpty();
        }
        for (var kind : TrafficKind.attacks()) {
            assertThat(all()).anySatisfy(scenario -> assertThat(scenario.expect())
                    .anySatisfy(attack -> assertThat(attack.vector()).isEqualTo(kind.name())));
        }
        assertThat(TrafficKind.attacks())
                .extracting(TrafficKind::name)
                .containsExactlyInAnyOrderElementsOf(Classifier.names());
    }

    @Test
    void everyMetricHasAScenario() {
        for (var metric : Metric.values()) {
            assertThat(Scenario.read("metrics.yaml")).anySatisfy(scenario -> assertThat(scenario.expect())
                    .anySatisfy(attack -> assertThat(attack.metric()).isEqualTo(metric.label())));
        }
    }

    private static List<Scenario> all() {
        return FILES.stream().flatMap(file -> Scenario.read(file).stream()).toList();
    }
}
