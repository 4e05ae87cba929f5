package dev.portcullis.dataplane.firewall.media;

import dev.portcullis.dataplane.firewall.rewrite.BodyRewrite;
import dev.portcullis.dataplane.firewall.rewrite.Rewritten;
import dev.portcullis.dataplane.firewall.scan.Finding;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One response body under the media policy: refused by what it is, passed on as it is, or passed on as an image without
 * metadata. Holds back what it needs to see what the body is, 512 bytes at most, and nothing of what is plainly text.
 */
public final class MediaRewrite implements BodyRewrite {
    private static final int LOOKED_AT = 512;

    private final MediaPolicy policy;
    private final MediaCheck check;
    private final long length;
    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf first;
    private @Nullable MetadataFilter filter;
    private boolean decided;

    /**
     * A rewrite.
     *
     * @param contentType value of Content-Type, or an empty string
     * @param partial true where the body is a part of something (RFC 9110 section 15.3.7)
     * @param length of the whole body in bytes, -1 where it is not known
     */
    public MediaRewrite(
            MediaPolicy policy, String contentType, boolean partial, long length, ByteBufAllocator allocator) {
        this.policy = policy;
        this.check = new MediaCheck(policy, contentType, partial);
        this.length = length;
        this.allocator = allocator;
    }

    @Override
    public void feed(ByteBuf bytes, Consumer<ByteBuf> to) {
        check.look(bytes);
        if (decided) {
            pass(bytes, to);
            return;
        }
        var held = first;
        first = null;
        var all = held == null ? bytes : joined(held, bytes);
        if (decide(all, false)) {
            pass(all, to);
        } else {
            first = held == null ? joined(allocator.heapBuffer(LOOKED_AT), all) : all;
        }
    }

    /** True where {@code contentType} says that a body is an image whose metadata could be taken out. */
    public static boolean isImage(String contentType) {
        return DeclaredType.of(contentType).raster();
    }

    private static ByteBuf joined(ByteBuf held, ByteBuf more) {
        held.writeBytes(more);
        more.release();
        return held;
    }

    private boolean decide(ByteBuf bytes, boolean ended) {
        decided = check.decide(bytes, ended, length);
        if (decided && policy.strips() && !check.blocks()) {
            filter = switch (check.kind()) {
                case PNG -> new PngMetadata();
                case JPEG -> new JpegMetadata();
                case GIF -> new GifMetadata();
                case WEBP -> new WebpMetadata();
                default -> null;
            };
        }
        return decided;
    }

    private void pass(ByteBuf bytes, Consumer<ByteBuf> to) {
        if (policy.holds() && check.blocks()) {
            bytes.release();
            return;
        }
        var strip = filter;
        if (strip == null) {
            to.accept(bytes);
            return;
        }
        try {
            strip.feed(bytes, to);
        } catch (MalformedMediaException e) {
            check.malformed(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void finish(Consumer<ByteBuf> to) {
        if (!decided) {
            var held = first == null ? allocator.heapBuffer(0) : first;
            first = null;
            decide(held, true);
            pass(held, to);
        }
        check.finish();
        if (filter != null && !check.blocks()) {
            try {
                filter.finish();
            } catch (MalformedMediaException e) {
                check.malformed(String.valueOf(e.getMessage()));
            }
        }
    }

    @Override
    public List<Finding> findings() {
        return check.findings();
    }

    @Override
    public boolean changesLength() {
        return filter != null;
    }

    /** What speaks of the bytes as the origin sent them goes. */
    @Override
    public void prepare(HttpHeaders headers) {
        if (filter != null) {
            headers.remove(HttpHeaderNames.CONTENT_MD5)
                    .remove("Digest")
                    .remove("Content-Digest")
                    .remove("Repr-Digest")
                    .remove(HttpHeaderNames.ETAG)
                    .set(HttpHeaderNames.ACCEPT_RANGES, "none");
        }
    }

    @Override
    public @Nullable Rewritten done() {
        return filter != null && filter.stripped() ? Rewritten.METADATA : null;
    }

    @Override
    public void close() {
        decided = true;
        if (first != null) {
            first.release();
            first = null;
        }
    }
}
