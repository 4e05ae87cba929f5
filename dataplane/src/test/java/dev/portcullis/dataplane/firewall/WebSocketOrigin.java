package dev.portcullis.dataplane.firewall;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A WebSocket server on loopback, another library than the proxy's own: says back what it is told, and remembers it. */
final class WebSocketOrigin implements AutoCloseable {
    final Queue<String> seen = new ConcurrentLinkedQueue<>();
    final Queue<HttpHeaders> handshakes = new ConcurrentLinkedQueue<>();
    final Queue<Integer> closeCodes = new ConcurrentLinkedQueue<>();
    final Queue<Channel> channels = new ConcurrentLinkedQueue<>();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel server;

    WebSocketOrigin() {
        this(null);
    }

    /** A server that speaks TLS. */
    static WebSocketOrigin secure(SSLContext tls) {
        return new WebSocketOrigin(tls);
    }

    private WebSocketOrigin(@Nullable SSLContext tls) {
        server = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            var engine = tls.createSSLEngine();
                            engine.setUseClientMode(false);
                            channel.pipeline().addLast(new SslHandler(engine));
                        }
                        channel.pipeline()
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(65536))
                                .addLast(new WebSocketServerCompressionHandler(0))
                                .addLast(new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                                        .websocketPath("/")
                                        .checkStartsWith(true)
                                        .subprotocols("chat, other")
                                        .allowExtensions(true)
                                        .handleCloseFrames(false)
                                        .sendCloseFrame(null)
                                        .decoderConfig(WebSocketDecoderConfig.newBuilder()
                                                .allowExtensions(true)
                                                .maxFramePayloadLength(1 << 24)
                                                .build())
                                        .build()))
                                .addLast(new WebSocketFrameAggregator(1 << 24))
                                .addLast(new Echo());
                    }
                })
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .awaitUninterruptibly()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    String url() {
        return "ws://origin.test:" + port() + "/chat";
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private final class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete done) {
                handshakes.add(done.requestHeaders());
                channels.add(ctx.channel());
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
            if (frame instanceof TextWebSocketFrame text) {
                seen.add(text.text());
                // What the client cannot send itself, since it would be a secret or is said by the origin alone.
                ctx.writeAndFlush(new TextWebSocketFrame(text.text().replace("say ", "")));
            } else if (frame instanceof BinaryWebSocketFrame binary) {
                seen.add("binary " + binary.content().readableBytes());
                ByteBuf copy = binary.content().retainedDuplicate();
                ctx.writeAndFlush(new BinaryWebSocketFrame(copy));
            } else if (frame instanceof CloseWebSocketFrame close) {
                closeCodes.add(close.statusCode());
                ctx.writeAndFlush(close.retainedDuplicate()).addListener(io.netty.channel.ChannelFutureListener.CLOSE);
            }
        }
    }
}
