package dev.portcullis.dataplane.firewall.media;

import dev.portcullis.dataplane.firewall.scan.MediaType;

/**
 * What a Content-Type says, as far as media are concerned.
 *
 * @param kind NONE where it speaks of no media
 * @param name type and subtype, for sentences; only characters of a token (RFC 9110 section 5.6.2)
 * @param text true where it speaks of text
 * @param mayBeSvg true where a body of that type may be an SVG image
 * @param multipart true where a body of that type has parts with types of their own
 */
record DeclaredType(MediaKind kind, String name, boolean text, boolean mayBeSvg, boolean multipart) {
    static DeclaredType of(String contentType) {
        var essence = MediaType.essence(contentType);
        var name = essence.length() > 64 || !essence.matches("[a-z0-9!#$&^_.+/-]*") ? "of a strange type" : essence;
        var kind = kind(essence);
        var xml = essence.endsWith("/xml") || essence.endsWith("+xml");
        var binary = essence.isEmpty() || MediaType.binary(contentType) || essence.equals("binary/octet-stream");
        var html = essence.equals("application/xhtml+xml") || essence.equals("application/rss+xml");
        return new DeclaredType(kind, name, !binary, (binary || xml) && !html, essence.startsWith("multipart/"));
    }

    private static MediaKind kind(String essence) {
        if (essence.startsWith("audio/")) {
            return MediaKind.AUDIO;
        }
        if (essence.startsWith("video/")) {
            return MediaKind.VIDEO;
        }
        return switch (essence) {
            case "application/ogg", "application/x-ogg" -> MediaKind.AUDIO;
            case "application/mp4", "application/x-matroska", "application/vnd.rn-realmedia" -> MediaKind.VIDEO;
            case "image/svg+xml", "image/svg" -> MediaKind.SVG;
            default -> essence.startsWith("image/") ? MediaKind.OTHER_IMAGE : MediaKind.NONE;
        };
    }

    /** True where it says an image, and one whose bytes say which. */
    boolean raster() {
        return kind == MediaKind.OTHER_IMAGE;
    }
}
