package dev.portcullis.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What changed between two lists of conditions, for events. Pure. */
public record Transitions(
        @Nullable List<Condition> before, @Nullable List<Condition> after) {
    /** Whether {@code type} is True now and was not. */
    public boolean becameTrue(ConditionType type) {
        return Conditions.isTrue(after, type) && !Conditions.isTrue(before, type);
    }

    /** Whether {@code type} was True and is not now. */
    public boolean ceasedToBeTrue(ConditionType type) {
        return Conditions.isTrue(before, type) && !Conditions.isTrue(after, type);
    }

    /** Whether {@code type} is False now and was not, or was for another generation or for other words. */
    public boolean isFalseAnew(ConditionType type) {
        var now = Conditions.find(after, type);
        if (now == null || !"False".equals(now.getStatus())) {
            return false;
        }
        var then = Conditions.find(before, type);
        return then == null
                || !"False".equals(then.getStatus())
                || !Objects.equals(then.getMessage(), now.getMessage())
                || !Objects.equals(then.getObservedGeneration(), now.getObservedGeneration());
    }

    /** The message of {@code type} now. */
    public String message(ConditionType type) {
        var condition = Conditions.find(after, type);
        return condition == null ? "" : condition.getMessage();
    }
}
