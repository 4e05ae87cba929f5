package dev.portcullis.operator.pods;

import org.jspecify.annotations.Nullable;

/**
 * The last thing a pod said.
 *
 * @param error why it could not be asked the last time, or null
 * @param atNanos when it first said this, on the survey's clock
 */
public record PodAnswer(PodReport report, @Nullable String error, long atNanos) {
    /** Whether the pod runs {@code revision}. */
    public boolean runs(String revision) {
        return error == null && revision.equals(report.revision());
    }

    boolean saysTheSameAs(PodAnswer other) {
        return report.equals(other.report) && (error == null) == (other.error == null);
    }
}
