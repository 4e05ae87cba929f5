package dev.portcullis.operator.pods;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Asks the pods of each resource which revision they run until all run the wanted one, in the background, and says when
 * an answer changed. Nothing is asked once all do, unless a pace for settled pods is given. Thread-safe.
 *
 * <p>Holds one survey for each resource that exists and one answer for each of its pods.
 */
public final class PodSurveys implements AutoCloseable {
    /** How often pods are asked. */
    public record Pace(Duration first, Duration slowest, Duration settled) {
        /** Pods that run the wanted revision are left alone. */
        public static Pace untilSettled() {
            return new Pace(Duration.ofMillis(20), Duration.ofSeconds(5), Duration.ZERO);
        }

        /** Pods that run the wanted revision are asked every {@code settled} all the same. */
        public static Pace always(Duration settled) {
            return new Pace(Duration.ofMillis(20), Duration.ofSeconds(5), settled);
        }
    }

    private final PodStatusReader reader;
    private final PodAddresses addresses;
    private final Pace pace;
    private final LongSupplier nanoTime;
    private final Map<ResourceID, PodSurvey> surveys = new ConcurrentHashMap<>();
    private volatile Consumer<ResourceID> changed = id -> {};
    private volatile Predicate<ResourceID> exists = id -> true;

    public PodSurveys(PodStatusReader reader, PodAddresses addresses, Pace pace, LongSupplier nanoTime) {
        this.reader = reader;
        this.addresses = addresses;
        this.pace = pace;
        this.nanoTime = nanoTime;
    }

    /**
     * Sets whom to tell about changed answers.
     *
     * @param exists whether the resource of a survey still exists; its survey ends when not
     */
    public void listen(Consumer<ResourceID> changed, Predicate<ResourceID> exists) {
        this.changed = changed;
        this.exists = exists;
    }

    /**
     * What the {@code pods} of {@code owner} have said up to now, by the uid of the pod. Those that do not run {@code
     * revision} are asked from now on until they do. Returns at once.
     */
    public Map<String, PodAnswer> of(ResourceID owner, String revision, List<Pod> pods) {
        surveys.keySet().removeIf(id -> !id.equals(owner) && !exists.test(id));
        return surveys.computeIfAbsent(
                        owner,
                        id -> new PodSurvey(
                                reader, addresses, pace, nanoTime, () -> changed.accept(id), () -> exists.test(id)))
                .want(revision, pods);
    }

    @Override
    public void close() {
        surveys.values().forEach(PodSurvey::close);
    }
}
