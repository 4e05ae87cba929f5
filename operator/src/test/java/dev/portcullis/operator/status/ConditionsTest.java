package dev.portcullis.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConditionsTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.5Z");

    @Test
    void theTransitionTimeMovesOnlyWhenTheStatusDoes() {
        var first = ready(null, 1, NOON, false, "waiting");
        var reworded = ready(first, 2, NOON.plusSeconds(60), false, "still waiting");
        var flipped = ready(reworded, 2, NOON.plusSeconds(90), true, "done");

        assertThat(first.getFirst().getLastTransitionTime()).isEqualTo("2026-01-01T12:00:00Z");
        assertThat(reworded.getFirst().getLastTransitionTime()).isEqualTo("2026-01-01T12:00:00Z");
        assertThat(reworded.getFirst().getObservedGeneration()).isEqualTo(2);
        assertThat(flipped.getFirst().getLastTransitionTime()).isEqualTo("2026-01-01T12:01:30Z");
    }

    @Test
    void anUnchangedWorldGivesAnEqualList() {
        var first = ready(null, 1, NOON, false, "waiting");

        assertThat(ready(first, 1, NOON.plusSeconds(3600), false, "waiting")).isEqualTo(first);
    }

    @Test
    void aLongMessageIsCut() {
        assertThat(ready(null, 1, NOON, false, "x".repeat(5000)).getFirst().getMessage())
                .hasSize(Conditions.MAX_MESSAGE)
                .endsWith("…");
    }

    @Test
    void aTransitionIsSeenOnce() {
        var waiting = ready(null, 1, NOON, false, "waiting");
        var done = ready(waiting, 1, NOON, true, "done");

        assertThat(new Transitions(null, waiting).isFalseAnew(ConditionType.Ready))
                .isTrue();
        assertThat(new Transitions(waiting, waiting).isFalseAnew(ConditionType.Ready))
                .isFalse();
        assertThat(new Transitions(waiting, done).becameTrue(ConditionType.Ready))
                .isTrue();
        assertThat(new Transitions(done, done).becameTrue(ConditionType.Ready)).isFalse();
        assertThat(new Transitions(done, waiting).ceasedToBeTrue(ConditionType.Ready))
                .isTrue();
    }

    private static List<Condition> ready(
            @Nullable List<Condition> before, long generation, Instant now, boolean status, String message) {
        return new Conditions(before, generation, InstantSource.fixed(now))
                .set(ConditionType.Ready, status, Reason.WaitingForPods, message)
                .list();
    }
}
