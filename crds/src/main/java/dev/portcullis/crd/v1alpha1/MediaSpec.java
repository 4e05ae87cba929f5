package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/** Images, audio and video that come back, by their type and by their bytes. */
public record MediaSpec(
        @Default("[\"png\", \"jpeg\", \"gif\", \"webp\"]")
        @Size(max = 5)
        @JsonPropertyDescription(
                "Formats of images that may come back: png, jpeg, gif, webp, svg; no other format may. svg is text that may hold scripts, and is scanned as text. Default png, jpeg, gif and webp.")
        List<ImageFormat> images,

        @Default("5Mi")
        @ValidationRule(
                value =
                        "quantity(string(self)).compareTo(quantity('1Ki')) >= 0 && quantity(string(self)).compareTo(quantity('1Gi')) <= 0",
                message = "must be from 1Ki to 1Gi: write a size such as 5Mi")
        @JsonPropertyDescription("Largest image in bytes. Default 5Mi.")
        Quantity maxImage,

        @Default("Block")
        @JsonPropertyDescription("Block refuses audio, Warn reports it, Allow lets it pass. Default Block.")
        OnMedia audio,

        @Default("Block")
        @JsonPropertyDescription("Block refuses video, Warn reports it, Allow lets it pass. Default Block.")
        OnMedia video,

        @Default("true")
        @JsonPropertyDescription(
                "Take EXIF, XMP, comments and other metadata out of images; a damaged image is refused. Default true.")
        boolean stripMetadata) {

    /** A format of images. */
    public enum ImageFormat {
        png,
        jpeg,
        gif,
        webp,
        svg
    }

    /** What is done about audio and video. */
    public enum OnMedia {
        Block,
        Warn,
        Allow
    }
}
