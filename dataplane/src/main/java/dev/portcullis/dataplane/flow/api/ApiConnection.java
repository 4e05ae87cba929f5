package dev.portcullis.dataplane.flow.api;

import dev.portcullis.dataplane.metrics.ApiMetrics;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client. Takes one request at a time: the next is read when the answer is written, so that a client that does not read
 * its answers holds back nobody but itself. A client has {@link #PATIENCE_SECONDS} to send a whole request, idle or not.
 */
final class ApiConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
    static final int PATIENCE_SECONDS = 30;
    private static final int LINGER_SECONDS = 2;

    private final ApiRoutes routes;
    private final Executor executor;
    private final ApiMetrics metrics;
    private @Nullable Future<?> deadline;

    ApiConnection(ApiRoutes routes, Executor executor, ApiMetrics metrics) {
        this.routes = routes;
        this.executor = executor;
        this.metrics = metrics;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        expect(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stopWaiting();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest http) {
        stopWaiting();
        var keepAlive = HttpUtil.isKeepAlive(http);
        if (!http.decoderResult().isSuccess()) {
            write(context, ApiResponse.error(400, "this is not a valid HTTP request"), false, false);
            return;
        }
        var head = http.method().name().equals("HEAD");
        ApiRequest request;
        try {
            request = request(http, head);
        } catch (IllegalArgumentException badEscape) {
            write(context, ApiResponse.error(400, "the URI cannot be decoded"), head, false);
            return;
        }
        try {
            executor.execute(() -> routes.answer(request).thenAccept(response -> context.executor()
                    .execute(() -> write(context, response, head, keepAlive))));
        } catch (RejectedExecutionException busy) {
            write(context, ApiRoutes.busy(request), head, keepAlive);
        }
    }

    /** A read can end without a request: half of one came, or none. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (deadline != null) {
            context.read();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    private void expect(ChannelHandlerContext context) {
        deadline = context.executor().schedule(() -> context.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
        context.read();
    }

    private void stopWaiting() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    private static ApiRequest request(FullHttpRequest http, boolean head) {
        var uri = new QueryStringDecoder(http.uri(), StandardCharsets.UTF_8, true, 100);
        var headers = http.headers();
        return new ApiRequest(
                head ? "GET" : http.method().name(),
                uri.path(),
                uri.parameters(),
                headers.get(HttpHeaderNames.AUTHORIZATION),
                headers.get(HttpHeaderNames.CONTENT_TYPE),
                headers.get(HttpHeaderNames.ACCEPT),
                headers.get("Last-Event-ID"),
                ByteBufUtil.getBytes(http.content()));
    }

    /**
     * Answers a request that is not read to its end. What is still on its way is thrown away for a moment: closed at once, the
     * connection would be reset and the client might lose the reply (RFC 9112 section 9.6).
     */
    static void refuse(ChannelHandlerContext context, ApiResponse response, ApiMetrics metrics) {
        metrics.answered(response.status());
        var channel = (DuplexChannel) context.channel();
        channel.pipeline().remove(ApiConnection.class);
        context.writeAndFlush(message(response, false, false)).addListener(sent -> channel.shutdownOutput());
        channel.config().setAutoRead(true);
        var unused = channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }

    private void write(ChannelHandlerContext context, ApiResponse response, boolean head, boolean keepAlive) {
        metrics.answered(response.status());
        if (response.stream() != null && !head) {
            context.pipeline().replace(this, "events", new EventStream(response.stream(), metrics));
            return;
        }
        var written = context.writeAndFlush(message(response, head, keepAlive));
        if (keepAlive) {
            written.addListener(done -> {
                if (done.isSuccess()) {
                    expect(context);
                }
            });
        } else {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static FullHttpResponse message(ApiResponse response, boolean head, boolean keepAlive) {
        var http = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(response.status()),
                head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(response.body()));
        http.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, response.contentType())
                .set(HttpHeaderNames.CONTENT_LENGTH, response.body().length)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("X-Content-Type-Options", "nosniff");
        response.headers().forEach((name, value) -> http.headers().set(name, value));
        if (!keepAlive) {
            http.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        return http;
    }
}
