package dev.portcullis.operator.resource;

import io.fabric8.kubernetes.client.CustomResource;
import java.util.Objects;

/** Which changes of a resource can change what follows from it. Its status, which the operator writes, cannot. */
public final class Changes {
    private Changes() {}

    /** Whether spec, labels or the wish to delete it differ between {@code before} and {@code after}. */
    public static boolean matter(CustomResource<?, ?> before, CustomResource<?, ?> after) {
        var old = before.getMetadata();
        var now = after.getMetadata();
        return !Objects.equals(old.getUid(), now.getUid())
                || !Objects.equals(old.getGeneration(), now.getGeneration())
                || !Objects.equals(old.getLabels(), now.getLabels())
                || !Objects.equals(old.getDeletionTimestamp(), now.getDeletionTimestamp());
    }
}
