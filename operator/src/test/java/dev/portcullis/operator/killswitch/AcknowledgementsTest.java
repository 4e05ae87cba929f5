package dev.portcullis.operator.killswitch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.operator.pods.FlowReport;
import dev.portcullis.operator.pods.PodAnswer;
import dev.portcullis.operator.pods.PodReport;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AcknowledgementsTest {
    private static final ResourceID POLICY = new ResourceID("coding", "agents");
    private static final ResourceID STOP = new ResourceID("stop", "agents");
    private static final List<Pod> PODS = List.of(pod("a"), pod("b"));

    private final AtomicLong now = new AtomicLong(100);
    private final Acknowledgements acknowledgements = new Acknowledgements(now::get);
    private final List<ResourceID> told = new ArrayList<>();

    AcknowledgementsTest() {
        acknowledgements.listen(told::add);
    }

    @Test
    void onlyPodsThatRunTheAskedRevisionCount() {
        note(Map.of("a", says("2", 500), "b", says("1", 400)));

        var tally = acknowledgements.tally(STOP, "2", List.of(POLICY));

        assertThat(tally).isEqualTo(new Acknowledgements.Tally(2, 1, 0, 500));
        assertThat(tally.complete()).isFalse();
    }

    @Test
    void aPodThatDoesNotAnswerHasNotAcknowledged() {
        note(Map.of("a", says("2", 500), "b", new PodAnswer(says("2", 600).report(), "timed out", 600)));

        assertThat(acknowledgements.tally(STOP, "2", List.of(POLICY)).complete())
                .isFalse();

        note(Map.of("a", says("2", 500), "b", says("2", 700)));

        assertThat(acknowledgements.tally(STOP, "2", List.of(POLICY)))
                .isEqualTo(new Acknowledgements.Tally(2, 2, 0, 700));
    }

    @Test
    void aPolicyOfWhichNothingIsKnownKeepsItIncomplete() {
        assertThat(acknowledgements.tally(STOP, "2", List.of(POLICY)).complete())
                .isFalse();

        acknowledgements.note(POLICY, List.of(), Map.of(), id -> true);

        assertThat(acknowledgements.tally(STOP, "2", List.of(POLICY)).complete())
                .isTrue();
    }

    @Test
    void onlyNewsAreTold() {
        note(Map.of("a", says("1", 500)));
        note(Map.of("a", says("1", 500)));
        assertThat(told).containsExactly(POLICY);

        note(Map.of("a", says("2", 600)));
        assertThat(told).containsExactly(POLICY, POLICY);
    }

    @Test
    void aPolicyThatIsGoneIsForgotten() {
        note(Map.of("a", says("1", 500)));

        acknowledgements.note(new ResourceID("other", "agents"), List.of(), Map.of(), id -> !id.equals(POLICY));

        assertThat(acknowledgements.tally(STOP, "1", List.of(POLICY)).silent()).isEqualTo(1);
    }

    @Test
    void aRevisionIsFirstSeenOnce() {
        assertThat(acknowledgements.firstSeen(STOP, "1")).isEqualTo(100);
        now.set(200);
        assertThat(acknowledgements.firstSeen(STOP, "1")).isEqualTo(100);
        assertThat(acknowledgements.firstSeen(STOP, "2")).isEqualTo(200);
    }

    private void note(Map<String, PodAnswer> answers) {
        acknowledgements.note(POLICY, PODS, answers, id -> true);
    }

    private static PodAnswer says(String revision, long at) {
        return new PodAnswer(
                new PodReport(
                        "r",
                        List.of(),
                        List.of(new PodReport.SwitchState("agents", "stop", revision, true)),
                        true,
                        new FlowReport(List.of(), 0, Map.of())),
                null,
                at);
    }

    private static Pod pod(String uid) {
        return new PodBuilder().withNewMetadata().withUid(uid).endMetadata().build();
    }
}
