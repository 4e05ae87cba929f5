package dev.portcullis.dataplane.firewall.media;

import dev.portcullis.crd.v1alpha1.MediaSpec.ImageFormat;
import org.jspecify.annotations.Nullable;

/** What a body is, by its bytes or by its type. */
enum MediaKind {
    PNG("a PNG image", ImageFormat.png),
    JPEG("a JPEG image", ImageFormat.jpeg),
    GIF("a GIF image", ImageFormat.gif),
    WEBP("a WebP image", ImageFormat.webp),
    SVG("an SVG image", ImageFormat.svg),
    /** An image that no policy can allow, because its metadata cannot be taken out. */
    OTHER_IMAGE("an image of another format", null),
    AUDIO("audio", null),
    VIDEO("video", null),
    /** None of these. */
    NONE("no media", null);

    private final String sentence;
    private final @Nullable ImageFormat format;

    MediaKind(String sentence, @Nullable ImageFormat format) {
        this.sentence = sentence;
        this.format = format;
    }

    /** With its article, as a part of a sentence. */
    String sentence() {
        return sentence;
    }

    /** As policies name it; null where they cannot. */
    @Nullable
    ImageFormat format() {
        return format;
    }

    /** True for images whose metadata can be taken out. */
    boolean strippable() {
        return switch (this) {
            case PNG, JPEG, GIF, WEBP -> true;
            default -> false;
        };
    }

    boolean image() {
        return format != null || this == OTHER_IMAGE;
    }
}
