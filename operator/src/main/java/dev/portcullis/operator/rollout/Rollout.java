package dev.portcullis.operator.rollout;

import dev.portcullis.crd.v1alpha1.NodeCounts;
import dev.portcullis.crd.v1alpha1.RejectedPod;
import dev.portcullis.operator.pods.PodAnswer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far the pods of a DaemonSet are. Pure.
 *
 * @param seen whether the DaemonSet controller has looked at the newest template
 * @param rolled whether every pod is of the newest template
 * @param upToDate ready pods that run the wanted revision
 * @param refused pods that said why they do not, ten at most
 * @param waitingFor names of pods that are not there yet, ten at most, and why
 */
public record Rollout(
        boolean seen,
        boolean rolled,
        int desired,
        int ready,
        int upToDate,
        List<RejectedPod> refused,
        List<String> waitingFor) {
    /** Most pods named in a status. */
    private static final int MAX_NAMED = 10;

    /**
     * @param pods of the DaemonSet
     * @param answers by uid of the pod
     */
    public static Rollout of(
            @Nullable DaemonSet daemonSet, List<Pod> pods, Map<String, PodAnswer> answers, String revision) {
        var upToDate = 0;
        var refused = new ArrayList<RejectedPod>();
        var waitingFor = new ArrayList<String>();
        for (var pod : pods) {
            if (pod.getMetadata().getDeletionTimestamp() != null) {
                continue;
            }
            var answer = answers.get(pod.getMetadata().getUid());
            var name = pod.getMetadata().getName();
            if (answer != null && answer.runs(revision)) {
                if (isReady(pod)) {
                    upToDate++;
                } else {
                    waitingFor.add(name + " is not ready");
                }
            } else if (answer != null && !answer.report().problems().isEmpty()) {
                var node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
                refused.add(new RejectedPod(
                        name,
                        node == null ? "" : node,
                        String.join("; ", answer.report().problems())));
            } else if (answer != null && answer.error() != null) {
                waitingFor.add(name + " does not answer: " + answer.error());
            } else {
                waitingFor.add(name + " has not taken revision " + revision + " yet");
            }
        }
        var status = daemonSet == null ? null : daemonSet.getStatus();
        var seen = daemonSet != null
                && status != null
                && status.getObservedGeneration() != null
                && status.getObservedGeneration()
                        >= orZero(daemonSet.getMetadata().getGeneration());
        var desired = status == null ? 0 : orZero(status.getDesiredNumberScheduled());
        var updated = status == null ? 0 : orZero(status.getUpdatedNumberScheduled());
        return new Rollout(
                seen,
                seen && updated >= desired,
                desired,
                status == null ? 0 : orZero(status.getNumberReady()),
                upToDate,
                refused.stream().limit(MAX_NAMED).toList(),
                waitingFor.stream().limit(MAX_NAMED).toList());
    }

    /** Whether every desired pod is there, ready, of the newest template and runs the wanted revision. */
    public boolean complete() {
        return rolled && desired > 0 && ready >= desired && upToDate >= desired && refused.isEmpty();
    }

    /** The counts as a status has them. */
    public NodeCounts counts() {
        return new NodeCounts(desired, ready, upToDate, ready + "/" + desired);
    }

    /** Whether the kubelet found {@code pod} ready. */
    private static boolean isReady(Pod pod) {
        return pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(condition ->
                                "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    private static int orZero(@Nullable Integer number) {
        return number == null ? 0 : number;
    }

    private static long orZero(@Nullable Long number) {
        return number == null ? 0 : number;
    }
}
