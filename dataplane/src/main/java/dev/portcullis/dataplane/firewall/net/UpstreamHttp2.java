package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection to an origin (RFC 9113), which carries up to {@value #STREAMS} exchanges at a time, or fewer where
 * the origin says so, with the windows of {@link Http2Windows}. Pushed streams are refused. After a GOAWAY no stream begins,
 * and the connection ends with its last one. Belongs to one event loop.
 */
final class UpstreamHttp2 extends ChannelInboundHandlerAdapter {
    /** Most exchanges at a time. */
    static final int STREAMS = 100;

    private static final int CONTROL_FRAMES = 1000;
    private static final int CONTINUATIONS = 16;

    private final Channel channel;
    private final Http2FrameCodec codec;
    private int streams;
    private long begun;
    private boolean retired;
    private @Nullable String fault;
    private long idleSinceNanos = System.nanoTime();

    private final AtomicInteger idle;
    private boolean counted;

    private UpstreamHttp2(Channel channel, AtomicInteger idle) {
        this.channel = channel;
        this.idle = idle;
        this.codec = Http2FrameCodecBuilder.forClient()
                .initialSettings(Http2Settings.defaultSettings()
                        .pushEnabled(false)
                        .initialWindowSize(Http2Windows.STREAM)
                        .maxHeaderListSize(UpstreamConnection.LARGEST_HEAD))
                .decoderEnforceMaxSmallContinuationFrames(CONTINUATIONS)
                .encoderEnforceMaxQueuedControlFrames(CONTROL_FRAMES)
                .gracefulShutdownTimeoutMillis(0)
                .validateHeaders(true)
                .build();
    }

    /**
     * HTTP/2 begins on {@code channel}, whose handshake has agreed on it.
     *
     * @param idle connections that carry nothing, this one included while it does not
     */
    static UpstreamHttp2 begin(Channel channel, AtomicInteger idle) {
        var made = new UpstreamHttp2(channel, idle);
        made.countIdle();
        channel.closeFuture().addListener(closed -> made.countIdle());
        channel.pipeline()
                .addLast(
                        new Http2FrameLimit(false, System::nanoTime),
                        made.codec,
                        new Http2MultiplexHandler(new Pushed()),
                        made);
        Http2Windows.widen(channel, made.codec, STREAMS);
        // What exchanges cannot take is held back by their windows.
        channel.config().setAutoRead(true);
        return made;
    }

    /** The address it is connected to. */
    InetAddress address() {
        return ((InetSocketAddress) channel.remoteAddress()).getAddress();
    }

    /** True while the connection can carry an exchange, now or when others have ended. */
    boolean isOpen() {
        return channel.isActive() && !retired;
    }

    /** True while another exchange can begin. */
    boolean hasRoom() {
        return isOpen()
                && streams < Math.min(STREAMS, codec.connection().local().maxActiveStreams());
    }

    /** True once it has carried more than one exchange. */
    boolean carriedSeveral() {
        return begun > 1;
    }

    /** What the origin did that HTTP/2 does not allow or that is beyond our bounds, in a sentence; null where it did nothing. */
    @Nullable
    String fault() {
        return fault;
    }

    static String sentence(Http2Exception broken) {
        return "the origin broke HTTP/2 or a bound on it (" + broken.error() + "): " + broken.getMessage();
    }

    /** True where it carries nothing, and has not since before {@code nanos} of the system's clock. */
    boolean idleSince(long nanos) {
        return streams == 0 && idleSinceNanos < nanos;
    }

    /** Runs {@code then} when it is closed. */
    void whenClosed(Runnable then) {
        channel.closeFuture().addListener(closed -> then.run());
    }

    /**
     * Begins a stream.
     *
     * @param then told the exchange's connection, or null where there can be none
     */
    void open(Consumer<@Nullable UpstreamConnection> then) {
        streams++;
        begun++;
        countIdle();
        var stream = new UpstreamConnection(this);
        new Http2StreamChannelBootstrap(channel)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInitializer<Http2StreamChannel>() {
                    @Override
                    protected void initChannel(Http2StreamChannel made) {
                        made.pipeline().addLast(stream.handlers().toArray(ChannelHandler[]::new));
                    }
                })
                .open()
                .addListener((Future<Http2StreamChannel> opened) -> {
                    if (opened.isSuccess()) {
                        opened.getNow().closeFuture().addListener(closed -> ended());
                        then.accept(stream);
                    } else {
                        ended();
                        then.accept(null);
                    }
                });
    }

    private void ended() {
        streams--;
        countIdle();
        idleSinceNanos = System.nanoTime();
        if (retired && streams == 0) {
            channel.close();
        }
    }

    private void countIdle() {
        var now = streams == 0 && channel.isActive();
        if (now != counted) {
            counted = now;
            idle.addAndGet(now ? 1 : -1);
        }
    }

    /** Lets no further exchange begin, and closes with the last one. */
    void retire() {
        if (!retired) {
            retired = true;
            if (streams == 0) {
                channel.close();
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2GoAwayFrame) {
            retire();
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            retired = true;
            ctx.close();
        }
    }

    /** The codec has said GOAWAY or is about to; what its streams carried is told them when they close. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        retired = true;
        if (fault == null && cause instanceof Http2Exception broken) {
            fault = sentence(broken);
        }
        ctx.close();
    }

    /** Streams that an origin begins, though it was told not to. */
    @ChannelHandler.Sharable
    private static final class Pushed extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            ctx.close();
        }
    }
}
