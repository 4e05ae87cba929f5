package dev.portcullis.operator.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Every metric of the operator's own, beside those of the Java Operator SDK. Thread-safe. */
public final class OperatorMetrics {
    private final MeterRegistry registry;
    private final Counter podsAsked;
    private final Counter podsSilent;
    private final Timer acknowledgement;

    public OperatorMetrics(MeterRegistry registry) {
        this.registry = registry;
        podsAsked = pods("answered");
        podsSilent = pods("failed");
        acknowledgement = Timer.builder("portcullis.operator.killswitch.acknowledgement")
                .description("Time from seeing a KillSwitch change to the last pod's acknowledgement")
                .serviceLevelObjectives(
                        Duration.ofMillis(100),
                        Duration.ofMillis(250),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5))
                .register(registry);
    }

    private Counter pods(String outcome) {
        return Counter.builder("portcullis.operator.pod.questions")
                .description("Requests for the status of a pod, by outcome: answered or failed")
                .tag("outcome", outcome)
                .register(registry);
    }

    /** Counts what became of an object of {@code kind}: unchanged, written or restored. */
    public void applied(String kind, String outcome) {
        registry.counter("portcullis.operator.applies", "kind", kind, "outcome", outcome)
                .increment();
    }

    /** Counts a question to a pod. */
    public void podAsked(boolean answered) {
        (answered ? podsAsked : podsSilent).increment();
    }

    /** Records how long a kill switch took to reach its last pod. */
    public void acknowledged(Duration time) {
        acknowledgement.record(time);
    }
}
