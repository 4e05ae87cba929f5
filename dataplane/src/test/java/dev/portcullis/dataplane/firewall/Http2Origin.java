package dev.portcullis.dataplane.firewall;

import dev.portcullis.dataplane.firewall.tls.TestCertificates;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTPS origin that speaks HTTP/2 frame by frame as a test says, and alone, unless it also answers every HTTP/1.1 request
 * with "over 1.1".
 */
final class Http2Origin implements AutoCloseable {
    /** What it does with a request whose head is here; its body is read and dropped. */
    @FunctionalInterface
    interface Script {
        void request(Request request);
    }

    /**
     * A request.
     *
     * @param connection number of its connection, from 1
     * @param stream number of its stream
     */
    record Request(
            ChannelHandlerContext ctx,
            Http2FrameStream frames,
            int connection,
            int stream,
            String path,
            Set<Http2FrameStream> stalled,
            Map<Http2FrameStream, Runnable> taken) {
        ChannelFuture head(boolean last, String... headers) {
            var fields = new DefaultHttp2Headers().status("200");
            for (var i = 0; i < headers.length; i += 2) {
                fields.set(headers[i], headers[i + 1]);
            }
            return ctx.writeAndFlush(new DefaultHttp2HeadersFrame(fields, last).stream(frames));
        }

        ChannelFuture data(ByteBuf bytes, boolean last) {
            return ctx.writeAndFlush(new DefaultHttp2DataFrame(bytes, last).stream(frames));
        }

        void trailers(String... headers) {
            var fields = new DefaultHttp2Headers();
            for (var i = 0; i < headers.length; i += 2) {
                fields.set(headers[i], headers[i + 1]);
            }
            ctx.writeAndFlush(new DefaultHttp2HeadersFrame(fields, true).stream(frames));
        }

        /** A whole reply. */
        void say(String text) {
            head(false, "content-type", "text/plain");
            data(ctx.alloc().buffer().writeBytes(text.getBytes(StandardCharsets.UTF_8)), true);
        }

        /** Takes nothing of the request's body, so that its windows stay used up. */
        void stall() {
            stalled.add(frames);
        }

        /** Runs {@code then} once the whole body is here. */
        void whenTaken(Runnable then) {
            taken.put(frames, then);
        }

        void reset(Http2Error error) {
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(error).stream(frames));
        }

        /** Says that no stream after {@code last} was looked at. */
        void goAway(int last) {
            var codec = ctx.pipeline().context(Http2FrameCodec.class);
            ((Http2FrameCodec) codec.handler())
                    .encoder()
                    .writeGoAway(codec, last, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, codec.newPromise());
            ctx.flush();
        }
    }

    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger requests = new AtomicInteger();

    /** Streams that were reset here. */
    final AtomicInteger resets = new AtomicInteger();

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel server;

    Http2Origin(Http2Settings settings, Script script) throws IOException {
        this(settings, false, script);
    }

    Http2Origin(Http2Settings settings, boolean alsoHttp1, Script script) throws IOException {
        var tls = tls(alsoHttp1);
        server = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(tls.newHandler(channel.alloc()))
                                .addLast(new ApplicationProtocolNegotiationHandler(ApplicationProtocolNames.HTTP_2) {
                                    @Override
                                    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
                                        if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                                            ctx.pipeline()
                                                    .addLast(Http2FrameCodecBuilder.forServer()
                                                            .initialSettings(settings)
                                                            .build())
                                                    .addLast(new Connection(script));
                                        } else {
                                            ctx.pipeline().addLast(new HttpServerCodec(), new Http1());
                                        }
                                    }
                                });
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    private static SslContext tls(boolean alsoHttp1) throws IOException {
        return SslContextBuilder.forServer(
                        stream(TestCertificates.originPem("origin.test")), stream(TestCertificates.originKeyPem()))
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        alsoHttp1
                                ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)
                                : List.of(ApplicationProtocolNames.HTTP_2)))
                .build();
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static final class Http1 extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof LastHttpContent) {
                var reply = new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.OK,
                        ctx.alloc().buffer().writeBytes("over 1.1".getBytes(StandardCharsets.US_ASCII)));
                reply.headers().set("content-type", "text/plain").set("content-length", 8);
                ctx.writeAndFlush(reply);
            }
            ReferenceCountUtil.release(message);
        }
    }

    private final class Connection extends ChannelInboundHandlerAdapter {
        private final Script script;
        private final int number = connections.incrementAndGet();
        private final Set<Http2FrameStream> stalled = ConcurrentHashMap.newKeySet();
        private final Map<Http2FrameStream, Runnable> taken = new ConcurrentHashMap<>();

        Connection(Script script) {
            this.script = script;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2HeadersFrame frame && frame.headers().method() != null) {
                requests.incrementAndGet();
                script.request(new Request(
                        ctx,
                        frame.stream(),
                        number,
                        frame.stream().id(),
                        frame.headers().path().toString(),
                        stalled,
                        taken));
            } else if (message instanceof Http2DataFrame frame && !stalled.contains(frame.stream())) {
                ctx.writeAndFlush(
                        new DefaultHttp2WindowUpdateFrame(frame.initialFlowControlledBytes()).stream(frame.stream()));
                var then = frame.isEndStream() ? taken.remove(frame.stream()) : null;
                if (then != null) {
                    then.run();
                }
            } else if (message instanceof Http2ResetFrame) {
                resets.incrementAndGet();
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
    }
}
