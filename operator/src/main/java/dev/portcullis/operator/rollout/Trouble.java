package dev.portcullis.operator.rollout;

import dev.portcullis.operator.apply.ObjectConflictException;
import dev.portcullis.operator.status.Reason;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;

/** Why the objects of a resource could not be made, when trying again soon would not help. */
public record Trouble(Reason reason, String message) {
    /** What {@code failure} means to the user; empty when it is worth trying again. */
    public static Optional<Trouble> of(RuntimeException failure) {
        return switch (failure) {
            case ObjectConflictException conflict ->
                Optional.of(new Trouble(Reason.ObjectConflict, String.valueOf(conflict.getMessage())));
            case IllegalArgumentException ambiguous ->
                Optional.of(new Trouble(Reason.ObjectConflict, String.valueOf(ambiguous.getMessage())));
            case KubernetesClientException refused
            when refused.getCode() == 400 || refused.getCode() == 403 || refused.getCode() == 422 ->
                Optional.of(new Trouble(Reason.ObjectRefused, said(refused)));
            default -> Optional.empty();
        };
    }

    private static String said(KubernetesClientException refused) {
        var status = refused.getStatus();
        return "the API server refused an object: "
                + (status != null && status.getMessage() != null ? status.getMessage() : refused.getMessage());
    }
}
