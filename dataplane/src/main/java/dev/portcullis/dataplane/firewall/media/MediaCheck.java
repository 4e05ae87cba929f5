package dev.portcullis.dataplane.firewall.media;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.crd.v1alpha1.MediaSpec.ImageFormat;
import dev.portcullis.crd.v1alpha1.MediaSpec.OnMedia;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Judges one body by its type and its first bytes, and goes on counting. Where the two disagree the bytes decide what an
 * image is, and audio or video is what either says so. Belongs to one event loop.
 */
final class MediaCheck {
    private final MediaPolicy policy;
    private final DeclaredType declared;
    private final boolean partial;
    private final List<Finding> findings = new ArrayList<>(1);
    private final @Nullable MediaParts parts;
    private @Nullable MediaKind kind;
    private long size;
    private boolean tooLarge;

    /**
     * A check.
     *
     * @param contentType value of Content-Type, or an empty string
     * @param partial true where the body is a part of something (RFC 9110 section 15.3.7)
     */
    MediaCheck(MediaPolicy policy, String contentType, boolean partial) {
        this.policy = policy;
        this.declared = DeclaredType.of(contentType);
        this.partial = partial;
        this.parts = declared.multipart() ? new MediaParts(policy, partial) : null;
    }

    /**
     * Decides what the body is.
     *
     * @param first its first bytes
     * @param ended true where there are no more
     * @param length of the whole body in bytes, -1 where it is not known
     * @return false where more bytes are needed
     */
    boolean decide(ByteBuf first, boolean ended, long length) {
        if (ended && !first.isReadable()) {
            kind = MediaKind.NONE;
            return true;
        }
        if (partial && declared.kind() != MediaKind.NONE) {
            kind = declared.kind();
            judgePart();
            return true;
        }
        var found = Signature.sniff(first, ended, declared);
        if (found == null) {
            return false;
        }
        kind = found == MediaKind.NONE ? declared.kind() : found;
        if (declared.kind() == MediaKind.AUDIO || declared.kind() == MediaKind.VIDEO) {
            judge(declared.kind());
        }
        if (kind != declared.kind() || findings.isEmpty()) {
            if (found == MediaKind.NONE && declared.raster()) {
                add("image-unrecognised", "says it is " + declared.name() + " and is no image that can be read", "");
            } else {
                judge(kind);
            }
        }
        if (length > policy.maxImage() && kind.image()) {
            tooLarge(length);
        }
        return true;
    }

    private void judgePart() {
        if (declared.raster() && policy.strips()) {
            add(
                    "image-partial",
                    "is a part of an image, whose metadata cannot be taken out: ask for the whole",
                    "spec.media.stripMetadata: false");
        } else if (!declared.raster()) {
            judge(declared.kind());
        }
    }

    private void judge(MediaKind what) {
        switch (what) {
            case AUDIO -> judge("audio", policy.audio());
            case VIDEO -> judge("video", policy.video());
            case NONE -> {}
            default -> {
                var format = what.format();
                if (format == null || !policy.images().contains(format)) {
                    add("image-format", "is " + sentence(what) + ", which the policy does not allow", allowing(format));
                }
            }
        }
    }

    private String sentence(MediaKind what) {
        return what == MediaKind.OTHER_IMAGE && declared.raster() ? "an image, " + declared.name() : what.sentence();
    }

    private String allowing(@Nullable ImageFormat format) {
        if (format == null) {
            return "";
        }
        var all = new TreeSet<>(policy.images());
        all.add(format);
        return "spec.media.images: " + all;
    }

    private void judge(String what, OnMedia action) {
        if (action != OnMedia.Allow) {
            findings.add(finding(
                    what,
                    action == OnMedia.Block ? Action.Block : Action.Warn,
                    "is " + what + (action == OnMedia.Block ? ", which the policy does not allow" : ""),
                    "spec.media." + what + ": Allow"));
        }
    }

    /** Looks at the next bytes of the body, which stay as they are. */
    void look(ByteBuf bytes) {
        count(bytes.readableBytes());
        if (parts != null) {
            parts.take(bytes);
        }
    }

    /** The same, of other memory: nothing is made around bytes that have no parts. */
    void look(ByteBuffer bytes) {
        count(bytes.remaining());
        if (parts != null) {
            parts.take(Unpooled.wrappedBuffer(bytes.duplicate()));
        }
    }

    private void count(int bytes) {
        size += bytes;
        if (size > policy.maxImage() && kind != null && kind.image()) {
            tooLarge(policy.maxImage());
        }
    }

    private void tooLarge(long length) {
        if (!tooLarge) {
            tooLarge = true;
            add(
                    "image-size",
                    "is an image of more than the " + policy.maxImage() + " bytes that the policy allows",
                    "spec.media.maxImage: " + Math.min(Math.max(2 * policy.maxImage(), length), 1L << 30));
        }
    }

    /** The image is not made as its format says. */
    void malformed(String why) {
        add(
                "image-malformed",
                "says it is " + kind().sentence() + " and is damaged: " + why,
                "spec.media.stripMetadata: false");
    }

    /** Its metadata cannot be taken out, since it came compressed under another type. */
    void hidden() {
        add("image-hidden", "is " + kind().sentence() + " compressed under the type " + declared.name(), "");
    }

    /** It is a part of a body, and its metadata cannot be taken out there. */
    void inParts() {
        add(
                "image-in-parts",
                "has " + kind().sentence() + " among its parts, whose metadata cannot be taken out: ask for it alone",
                "spec.media.stripMetadata: false");
    }

    /** Says that the body is over. */
    void finish() {
        if (parts != null) {
            parts.finish();
        }
    }

    /** What it is; NONE until that is decided. */
    MediaKind kind() {
        return kind == null ? MediaKind.NONE : kind;
    }

    List<Finding> findings() {
        if (parts == null || parts.findings().isEmpty()) {
            return findings;
        }
        var all = new ArrayList<>(findings);
        all.addAll(parts.findings());
        return all;
    }

    /** True once there is a finding that blocks. */
    boolean blocks() {
        for (var finding : findings()) {
            if (finding.action() == Action.Block) {
                return true;
            }
        }
        return false;
    }

    private void add(String rule, String message, String hint) {
        findings.add(finding(rule, Action.Block, message, hint));
    }

    private static Finding finding(String rule, Action action, String message, String hint) {
        return new Finding(
                ScannerName.MEDIA,
                rule,
                Severity.medium,
                action,
                "plaintext",
                "body",
                -1,
                "the response body " + message,
                hint);
    }
}
