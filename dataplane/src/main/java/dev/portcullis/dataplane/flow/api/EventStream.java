package dev.portcullis.dataplane.flow.api;

import dev.portcullis.dataplane.metrics.ApiMetrics;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events to one client (HTML living standard, section 9.2): what {@link AttackFeed} has from a number on, written
 * only while the client reads. A comment each {@value #ALIVE_SECONDS} s keeps proxies from closing an idle stream. On the
 * connection's event loop.
 */
final class EventStream extends ChannelInboundHandlerAdapter {
    static final int ALIVE_SECONDS = 15;

    private final AttackFeed feed;
    private final ApiMetrics metrics;
    private final BooleanSupplier allowed;
    private final AtomicBoolean due = new AtomicBoolean();
    private long next;
    private @Nullable Runnable reader;
    private @Nullable Future<?> alive;

    EventStream(ApiResponse.Stream stream, ApiMetrics metrics) {
        this.feed = stream.feed();
        this.allowed = stream.allowed();
        // A number from an earlier life of the process means nothing now.
        this.next = Math.clamp(stream.after(), 0, feed.last()) + 1;
        this.metrics = metrics;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        metrics.streams(1);
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("X-Content-Type-Options", "nosniff")
                .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        context.writeAndFlush(head);
        var wake = (Runnable) () -> {
            if (due.compareAndSet(false, true)) {
                context.executor().execute(() -> pump(context));
            }
        };
        reader = wake;
        feed.subscribe(wake);
        alive = context.executor()
                .scheduleAtFixedRate(() -> keepAlive(context), ALIVE_SECONDS, ALIVE_SECONDS, TimeUnit.SECONDS);
        // A read that never completes is how a client that goes away is noticed.
        context.read();
        pump(context);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        metrics.streams(-1);
        if (reader != null) {
            feed.unsubscribe(reader);
        }
        if (alive != null) {
            alive.cancel(false);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        context.pipeline().remove(this);
    }

    /** Nothing is expected of a client that listens. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
        context.close();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            pump(context);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    private void keepAlive(ChannelHandlerContext context) {
        if (allowed.getAsBoolean()) {
            write(context, ": alive\n\n".getBytes(StandardCharsets.UTF_8));
        } else {
            context.close();
        }
    }

    private void pump(ChannelHandlerContext context) {
        due.set(false);
        if (!allowed.getAsBoolean()) {
            context.close();
            return;
        }
        while (context.channel().isWritable() && next <= feed.last()) {
            var oldest = feed.oldest();
            if (next < oldest) {
                metrics.eventsMissed(oldest - next);
                write(
                        context,
                        ("event: missed\ndata: {\"events\":" + (oldest - next) + "}\n\n")
                                .getBytes(StandardCharsets.UTF_8));
                next = oldest;
            }
            var text = feed.text(next);
            if (text != null) {
                write(context, text);
                next++;
            }
        }
    }

    private static void write(ChannelHandlerContext context, byte[] text) {
        if (context.channel().isWritable()) {
            context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(text)));
        }
    }
}
