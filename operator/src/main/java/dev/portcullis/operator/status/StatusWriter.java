package dev.portcullis.operator.status;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import java.util.Objects;
import java.util.function.Supplier;

/** Writes a status when it says something new. */
public final class StatusWriter {
    private StatusWriter() {}

    /**
     * Writes {@code status} unless {@code resource} has it already; the next reconciliation sees it.
     *
     * @param empty makes an object of the kind with nothing in it
     * @return whether it was written
     */
    public static <T, R extends CustomResource<?, T>> boolean write(
            R resource, T status, Supplier<R> empty, Context<R> context) {
        if (Objects.equals(resource.getStatus(), status)) {
            return false;
        }
        var fresh = empty.get();
        fresh.setMetadata(new ObjectMetaBuilder()
                .withNamespace(resource.getMetadata().getNamespace())
                .withName(resource.getMetadata().getName())
                .build());
        fresh.setStatus(status);
        PrimaryUpdateAndCacheUtils.ssaPatchStatusAndCacheResource(resource, fresh, context);
        return true;
    }
}
