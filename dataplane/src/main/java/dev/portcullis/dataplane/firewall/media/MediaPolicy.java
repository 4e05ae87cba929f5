package dev.portcullis.dataplane.firewall.media;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.crd.v1alpha1.MediaSpec;
import dev.portcullis.crd.v1alpha1.MediaSpec.ImageFormat;
import dev.portcullis.crd.v1alpha1.MediaSpec.OnMedia;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.EnumSet;
import java.util.Set;

/**
 * Which media may come in, and how. Immutable.
 *
 * @param images the formats that may
 * @param maxImage bytes of an image
 * @param strips whether metadata is taken out of images
 * @param holds false lets everything pass and only says what it found
 */
public record MediaPolicy(
        Set<ImageFormat> images, long maxImage, OnMedia audio, OnMedia video, boolean strips, boolean holds) {
    public MediaPolicy {
        images = Set.copyOf(images);
    }

    /** The rules of a resolved spec. Mode Audit changes and holds back nothing. */
    public static MediaPolicy of(MediaSpec spec, Mode mode) {
        var images = EnumSet.noneOf(ImageFormat.class);
        images.addAll(spec.images());
        return new MediaPolicy(
                images,
                Quantity.getAmountInBytes(spec.maxImage()).longValue(),
                spec.audio(),
                spec.video(),
                spec.stripMetadata() && mode != Mode.Audit,
                mode != Mode.Audit);
    }
}
