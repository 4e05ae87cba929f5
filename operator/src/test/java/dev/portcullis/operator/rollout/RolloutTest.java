package dev.portcullis.operator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.NodeCounts;
import dev.portcullis.crd.v1alpha1.RejectedPod;
import dev.portcullis.operator.pods.FlowReport;
import dev.portcullis.operator.pods.PodAnswer;
import dev.portcullis.operator.pods.PodReport;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RolloutTest {
    @Test
    void itIsCompleteWhenEveryDesiredPodIsReadyAndRunsTheRevision() {
        var rollout = Rollout.of(
                daemonSet(3, 3, 2, 2, 2),
                List.of(pod("a", true), pod("b", true)),
                Map.of("a", runs("r1"), "b", runs("r1")),
                "r1");

        assertThat(rollout.complete()).isTrue();
        assertThat(rollout.counts()).isEqualTo(new NodeCounts(2, 2, 2, "2/2"));
    }

    @Test
    void aPodWithAnOlderRevisionIsWaitedFor() {
        var rollout = Rollout.of(
                daemonSet(3, 3, 2, 2, 2),
                List.of(pod("a", true), pod("b", true)),
                Map.of("a", runs("r1"), "b", runs("r0")),
                "r1");

        assertThat(rollout.complete()).isFalse();
        assertThat(rollout.upToDate()).isEqualTo(1);
        assertThat(rollout.waitingFor()).containsExactly("b has not taken revision r1 yet");
    }

    @Test
    void countsOfAnOlderTemplateAreNotBelieved() {
        var rollout = Rollout.of(daemonSet(4, 3, 1, 1, 1), List.of(pod("a", true)), Map.of("a", runs("r1")), "r1");

        assertThat(rollout.seen()).isFalse();
        assertThat(rollout.complete()).isFalse();
    }

    @Test
    void podsOfTheOldTemplateKeepItIncomplete() {
        assertThat(Rollout.of(daemonSet(3, 3, 1, 1, 0), List.of(pod("a", true)), Map.of("a", runs("r1")), "r1")
                        .complete())
                .isFalse();
    }

    @Test
    void aPodThatRefusesSaysWhy() {
        var refused = new PodAnswer(
                new PodReport("r0", List.of("one", "two"), List.of(), true, new FlowReport(List.of(), 0, Map.of())),
                null,
                0);

        var rollout = Rollout.of(daemonSet(3, 3, 1, 1, 1), List.of(pod("a", true)), Map.of("a", refused), "r1");

        assertThat(rollout.refused()).containsExactly(new RejectedPod("a", "node-a", "one; two"));
        assertThat(rollout.complete()).isFalse();
    }

    @Test
    void aReadyPodThatDoesNotAnswerIsNotUpToDate() {
        var silent = new PodAnswer(runs("r1").report(), "refused", 0);

        assertThat(Rollout.of(daemonSet(3, 3, 1, 1, 1), List.of(pod("a", true)), Map.of("a", silent), "r1")
                        .complete())
                .isFalse();
    }

    @Test
    void noNodesIsNotReady() {
        assertThat(Rollout.of(daemonSet(3, 3, 0, 0, 0), List.of(), Map.of(), "r1")
                        .complete())
                .isFalse();
        assertThat(Rollout.of(null, List.of(), Map.of(), "r1").complete()).isFalse();
    }

    private static PodAnswer runs(String revision) {
        return new PodAnswer(
                new PodReport(revision, List.of(), List.of(), true, new FlowReport(List.of(), 0, Map.of())), null, 0);
    }

    private static Pod pod(String name, boolean ready) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withUid(name)
                .endMetadata()
                .withNewSpec()
                .withNodeName("node-" + name)
                .endSpec()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .endCondition()
                .endStatus()
                .build();
    }

    private static DaemonSet daemonSet(long generation, long observed, int desired, int ready, int updated) {
        return new DaemonSetBuilder()
                .withNewMetadata()
                .withGeneration(generation)
                .endMetadata()
                .withNewStatus()
                .withObservedGeneration(observed)
                .withDesiredNumberScheduled(desired)
                .withNumberReady(ready)
                .withUpdatedNumberScheduled(updated)
                .endStatus()
                .build();
    }
}
