package dev.portcullis.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.ingest.ExporterTable;
import dev.portcullis.dataplane.flow.ingest.FlowWorker;
import dev.portcullis.dataplane.flow.window.WindowLimits;
import dev.portcullis.dataplane.flow.window.WindowSums;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a decision does about a worker that is too busy to answer: its thread is held here until the test lets it go. */
class LateWorkerTest {
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final FlowMetrics metrics = new FlowMetrics(registry);
    private final FlowPolicy policy = FlowPolicy.compile(TestPolicies.config("""
            networks: ["10.0.0.0/8"]
            thresholds: {packetsPerSecond: 1G}
            api: {allowUnauthenticated: true}
            """));
    private final ExporterTable exporters = new ExporterTable(metrics);
    private final Queue<Runnable> held = new ArrayDeque<>();
    private final FlowWorker busy =
            new FlowWorker(held::add, exporters, policy, new WindowLimits(), metrics, System::nanoTime, 1);
    private final FlowWorker idle =
            new FlowWorker(Runnable::run, exporters, policy, new WindowLimits(), metrics, System::nanoTime, 2);
    private final Detection detection = new Detection(metrics, System::nanoTime);

    private double late() {
        return Metrics.value(registry, "portcullis_engine_late_workers_total");
    }

    private double decisions() {
        return Metrics.value(registry, "portcullis_engine_tick_seconds_count");
    }

    @Test
    void aDecisionIsTakenWithoutAWorkerThatDoesNotAnswerAndWithItOnceItDoes() {
        detection.tick(List.of(idle, busy), policy, Instant.EPOCH);

        assertThat(late()).isEqualTo(1);
        assertThat(decisions()).isEqualTo(1);
        // It is asked once, however often it is late.
        detection.tick(List.of(idle, busy), policy, Instant.EPOCH);
        assertThat(late()).isEqualTo(2);
        assertThat(held).hasSize(1);

        for (var task = held.poll(); task != null; task = held.poll()) {
            task.run();
        }
        detection.tick(List.of(idle, busy), policy, Instant.EPOCH);
        assertThat(late()).isEqualTo(2);
        assertThat(decisions()).isEqualTo(3);
    }

    @Test
    void aWorkerThatIsLateForALookBetweenTwoDecisionsIsCountedToo() {
        assertThat(detection.urgent(List.of(idle, busy), policy)).isFalse();

        assertThat(late()).isEqualTo(1);
    }

    /** What it was asked under the policy before counts groups by that one's numbers: judged by the next it would be another's. */
    @Test
    void anAnswerAskedForUnderAnEarlierPolicyIsThrownAwayAndTheWorkerAskedAnew() {
        var asked = new ArrayList<CompletableFuture<WindowSums>>();
        var questions = new Questions(
                worker -> {
                    asked.add(new CompletableFuture<>());
                    return asked.getLast();
                },
                System::nanoTime);
        var next = TestPolicies.sampleWith("{}");
        var old = new WindowSums();
        var fresh = new WindowSums();

        assertThat(questions.answers(List.of(idle), policy, 0)).isEmpty();
        // It still works on that one: no second question at the same time.
        assertThat(questions.answers(List.of(idle), next, 0)).isEmpty();
        assertThat(asked).hasSize(1);

        asked.getFirst().complete(old);
        assertThat(questions.answers(List.of(idle), next, 0)).isEmpty();
        assertThat(asked).hasSize(2);

        asked.getLast().complete(fresh);
        assertThat(questions.answers(List.of(idle), next, 0)).singleElement().isSameAs(fresh);
        assertThat(questions.drainLate()).isEqualTo(3);
    }

    @Test
    void allWorkersTogetherAreWaitedForNoLongerThanOne() {
        var now = new AtomicLong();
        var questions = new Questions(worker -> new CompletableFuture<>(), () -> now.addAndGet(4_000_000));

        assertThat(questions.answers(List.of(busy, idle), policy, 9)).isEmpty();

        // The first one uses up what there is after 5 ms; for the second none is left.
        assertThat(now.get()).isLessThanOrEqualTo(12_000_000);
        assertThat(questions.drainLate()).isEqualTo(2);
    }
}
