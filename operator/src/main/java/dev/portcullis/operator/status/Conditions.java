package dev.portcullis.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of one status under construction. The transition time of a condition moves only when its status does, so
 * that an unchanged world gives an equal list.
 */
public final class Conditions {
    /** Longest message, in characters; the API's own limit for conditions is 32768. */
    static final int MAX_MESSAGE = 1024;

    private final List<Condition> previous;
    private final List<Condition> conditions = new ArrayList<>();
    private final @Nullable Long generation;
    private final Instant now;

    /** Conditions that speak of {@code generation} and follow {@code previous}. */
    public Conditions(@Nullable List<Condition> previous, @Nullable Long generation, InstantSource clock) {
        this.previous = previous == null ? List.of() : previous;
        this.generation = generation;
        this.now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    /** Adds {@code type} as True or False. */
    public Conditions set(ConditionType type, boolean status, Reason reason, String message) {
        return set(type, status ? "True" : "False", reason, message);
    }

    /** Adds {@code type} as Unknown. */
    public Conditions unknown(ConditionType type, Reason reason, String message) {
        return set(type, "Unknown", reason, message);
    }

    private Conditions set(ConditionType type, String status, Reason reason, String message) {
        var before = find(previous, type);
        var since =
                before != null && status.equals(before.getStatus()) ? before.getLastTransitionTime() : now.toString();
        conditions.add(new ConditionBuilder()
                .withType(type.name())
                .withStatus(status)
                .withReason(reason.name())
                .withMessage(cut(message))
                .withLastTransitionTime(since)
                .withObservedGeneration(generation)
                .build());
        return this;
    }

    /** The conditions in the order they were added. */
    public List<Condition> list() {
        return List.copyOf(conditions);
    }

    /** The condition of {@code type} in {@code conditions}, or null. */
    public static @Nullable Condition find(@Nullable List<Condition> conditions, ConditionType type) {
        if (conditions == null) {
            return null;
        }
        for (var condition : conditions) {
            if (type.name().equals(condition.getType())) {
                return condition;
            }
        }
        return null;
    }

    /** Whether {@code conditions} has {@code type} with status True. */
    public static boolean isTrue(@Nullable List<Condition> conditions, ConditionType type) {
        var condition = find(conditions, type);
        return condition != null && "True".equals(condition.getStatus());
    }

    private static String cut(String message) {
        return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE - 1) + "…";
    }
}
