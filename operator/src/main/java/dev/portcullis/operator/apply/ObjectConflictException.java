package dev.portcullis.operator.apply;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.Serial;

/** An object that should be made exists already and belongs to somebody else. It is left alone. */
public final class ObjectConflictException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** {@code existing} stands in the way. */
    public ObjectConflictException(HasMetadata object) {
        super(
                object.getKind() + " " + object.getMetadata().getNamespace() + "/"
                        + object.getMetadata().getName()
                        + " exists and does not belong to this resource: delete or rename it, or give this resource another name");
    }
}
