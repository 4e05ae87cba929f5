package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.media.MediaPolicy;
import dev.portcullis.dataplane.firewall.media.MediaRewrite;
import dev.portcullis.dataplane.firewall.rewrite.BodyRewrite;
import dev.portcullis.dataplane.firewall.rewrite.DecodedRewrite;
import dev.portcullis.dataplane.firewall.scan.EventStreamScan;
import dev.portcullis.dataplane.firewall.scan.coding.GrpcBody;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the media policy looks at the replies of origins. */
final class MediaReplies {
    private MediaReplies() {}

    /**
     * What judges and changes the body of a reply by the media policy.
     *
     * @param codings values of Content-Encoding
     * @return null for event streams and gRPC, and for compressed bodies that go on as they are
     */
    static @Nullable BodyRewrite rewrite(
            MediaPolicy policy, HttpResponse head, List<String> codings, ByteBufAllocator allocator) {
        var type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        var partial = head.status().equals(HttpResponseStatus.PARTIAL_CONTENT);
        if (EventStreamScan.is(type) || GrpcBody.is(type)) {
            return null;
        }
        if (codings.isEmpty()) {
            return new MediaRewrite(policy, type, partial, HttpUtil.getContentLength(head, -1L), allocator);
        }
        return policy.strips() && MediaRewrite.isImage(type)
                ? new DecodedRewrite(codings, new MediaRewrite(policy, type, partial, -1, allocator), "response body")
                : null;
    }
}
