package dev.portcullis.operator.killswitch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;

/** Who set a field, as far as the API server tells: the name of the program, for example kubectl-patch. */
final class LastEditor {
    private LastEditor() {}

    /** The manager of {@code spec.}{@code field}, or "somebody". */
    static String of(HasMetadata object, String field) {
        return object.getMetadata().getManagedFields().stream()
                .filter(entry -> owns(entry, field))
                .max(Comparator.comparing(entry -> Objects.requireNonNullElse(entry.getTime(), "")))
                .map(ManagedFieldsEntry::getManager)
                .orElse("somebody");
    }

    private static boolean owns(ManagedFieldsEntry entry, String field) {
        return entry.getFieldsV1() != null
                && entry.getFieldsV1().getAdditionalProperties().get("f:spec") instanceof Map<?, ?> spec
                && spec.containsKey("f:" + field);
    }
}
