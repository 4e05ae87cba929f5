package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Translates the replies of an origin on one stream of HTTP/2. A head that RFC 9113 does not allow there (sections 8.1, 8.3.2
 * and 8.6) becomes a head whose decoder result is a failure that says why, as a broken one of HTTP/1.1 does: the codec looks
 * at the fields there are and at what follows the head, not at what is missing.
 */
final class ReplyTranslation extends Http2Translation {
    private boolean begun;

    ReplyTranslation() {
        super(false);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, Http2StreamFrame frame, List<Object> out) throws Exception {
        var fault = fault(frame);
        if (fault == null) {
            super.decode(ctx, frame, out);
            return;
        }
        var broken = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_GATEWAY);
        broken.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(fault)));
        out.add(broken);
    }

    private @Nullable String fault(Http2StreamFrame frame) {
        if (begun) {
            // The codec has seen to it that this is data or trailers.
            return null;
        }
        if (!(frame instanceof Http2HeadersFrame head)) {
            return frame instanceof Http2DataFrame ? "it has a body and no head" : null;
        }
        var status = head.headers().status();
        if (status == null) {
            return "it has no status";
        }
        if (!isStatus(status)) {
            return "its status is no number from 100 to 999";
        }
        if (status.charAt(0) != '1') {
            begun = true;
            return null;
        }
        if ("101".contentEquals(status)) {
            return "it changed to another protocol, which HTTP/2 does not know";
        }
        return head.isEndStream() ? "it ends with an interim head" : null;
    }

    private static boolean isStatus(CharSequence status) {
        if (status.length() != 3 || status.charAt(0) == '0') {
            return false;
        }
        for (var i = 0; i < 3; i++) {
            if (status.charAt(i) < '0' || status.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}
