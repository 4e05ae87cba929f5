package dev.portcullis.dataplane.firewall.net;

import dev.portcullis.dataplane.metrics.FirewallMetrics;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;

/**
 * HTTP/2 as clients of intercepted tunnels speak it to us (RFC 9113), and what bounds it: {@value #STREAMS} streams at
 * once, header blocks as for HTTP/1.1, {@value #RESETS} resets in {@value #RESET_SECONDS} s, {@value #CONTROL_FRAMES}
 * replies to control frames that wait to be sent, what {@link Http2FrameLimit} allows, {@value #CONTINUATIONS} small continuations and {@value #EMPTY_FRAMES} empty data frames in a row. Beyond, the connection
 * ends with GOAWAY and is counted. Bodies are held back by the {@link Http2Windows} of their streams.
 */
final class ClientHttp2 {
    /** Most streams at once. */
    static final int STREAMS = 100;

    private static final int RESETS = 200;
    private static final int RESET_SECONDS = 30;
    private static final int CONTROL_FRAMES = 1000;
    private static final int HEADER_BLOCKS = 4;
    private static final int CONTINUATIONS = 16;
    private static final int EMPTY_FRAMES = 2;

    private ClientHttp2() {}

    /**
     * Reads and writes the frames of one connection. A request's header may be {@value #HEADER_BLOCKS} times what is allowed, so
     * that {@link LargeHeaders} can refuse it by itself with a sentence; the codec would end the connection.
     */
    static Http2FrameCodec codec(int headerBytes) {
        return Http2FrameCodecBuilder.forServer()
                .initialSettings(Http2Settings.defaultSettings()
                        .maxConcurrentStreams(STREAMS)
                        .initialWindowSize(Http2Windows.STREAM)
                        .maxHeaderListSize((long) HEADER_BLOCKS * headerBytes))
                .decoderEnforceMaxRstFramesPerWindow(RESETS, RESET_SECONDS)
                .decoderEnforceMaxSmallContinuationFrames(CONTINUATIONS)
                .decoderEnforceMaxConsecutiveEmptyDataFrames(EMPTY_FRAMES)
                .encoderEnforceMaxQueuedControlFrames(CONTROL_FRAMES)
                .gracefulShutdownTimeoutMillis(0)
                .validateHeaders(true)
                .build();
    }

    /**
     * Lets a request begin only with the fields that one must have (RFC 9113 section 8.3.1); else its stream is reset. The
     * codec looks at what is there, not at what is missing.
     */
    static final class RequiredFields extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2HeadersFrame frame) {
                var headers = frame.headers();
                var connect =
                        HttpMethod.CONNECT.asciiName().contentEquals(Objects.requireNonNullElse(headers.method(), ""));
                if (headers.method() == null
                        || !connect
                                && (headers.path() == null || headers.path().isEmpty() || headers.scheme() == null)) {
                    ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR))
                            .addListener(ChannelFutureListener.CLOSE);
                    return;
                }
                // What comes after the first are trailers.
                ctx.pipeline().remove(this);
            } else {
                // Frames of kinds that nobody knows are ignored (RFC 9113 section 5.5), and no other kind begins a
                // request.
                ReferenceCountUtil.release(message);
                return;
            }
            ctx.fireChannelRead(message);
        }
    }

    /** Marks a request whose header is too large by the measure of RFC 9113 section 6.5.2, as the reader of HTTP/1.1 does. */
    @Sharable
    static final class LargeHeaders extends ChannelInboundHandlerAdapter {
        private static final int FIELD = 32;

        private final int headerBytes;

        LargeHeaders(int headerBytes) {
            this.headerBytes = headerBytes;
        }

        private boolean tooLarge(HttpRequest request) {
            var size = (long) request.uri().length() + request.method().name().length();
            var fields = request.headers().iteratorCharSequence();
            while (fields.hasNext()) {
                var field = fields.next();
                size += FIELD + field.getKey().length() + field.getValue().length();
            }
            return size > headerBytes;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest request && tooLarge(request)) {
                request.setDecoderResult(DecoderResult.failure(new TooLongHttpHeaderException("HTTP/2 header")));
            }
            ctx.fireChannelRead(message);
        }
    }

    /**
     * Last on the connection: counts what ended it, and closes it when the client has ended its side. Half-closed
     * connections are for HTTP/1.1 and tunnels; here the rest of an exchange needs frames from the client.
     */
    static final class Faults extends ChannelInboundHandlerAdapter {
        private final FirewallMetrics metrics;
        private boolean counted;

        Faults(FirewallMetrics metrics) {
            this.metrics = metrics;
        }

        /** Frames of the connection itself, which the codec has dealt with. */
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
                ctx.close();
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            count();
        }

        private void count() {
            if (!counted) {
                counted = true;
                metrics.http2Fault();
            }
        }
    }
}
