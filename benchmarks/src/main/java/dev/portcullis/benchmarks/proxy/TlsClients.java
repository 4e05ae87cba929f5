package dev.portcullis.benchmarks.proxy;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * HTTPS clients on one thread, with BoringSSL so that they cost less than what they measure: each asks, waits for the whole
 * answer and asks again, on its connection or on a new one with a full handshake. They trust everybody.
 */
final class TlsClients {
    static {
        System.setProperty("io.netty.handler.ssl.openssl.sessionCacheClient", "false");
    }

    private final int proxy;
    private final int origin;
    private final String path;
    private final byte[] body;
    private final boolean kept;
    private final SslContext tls;
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
    private long end;
    private long done;
    private int running;
    private final CountDownLatch over = new CountDownLatch(1);

    /**
     * Clients.
     *
     * @param proxy port of the proxy on loopback, 0 for none
     * @param origin port of the HTTPS server on localhost
     * @param body what they POST; empty for a GET
     * @param kept whether a connection is used more than once
     */
    TlsClients(int proxy, int origin, String path, byte[] body, boolean kept) throws IOException {
        this.proxy = proxy;
        this.origin = origin;
        this.path = path;
        this.body = body.clone();
        this.kept = kept;
        this.tls = SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .build();
    }

    /** Runs {@code clients} of them for {@code seconds}. @return how many answers came */
    long run(int clients, int seconds) throws IOException, InterruptedException {
        var group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            running = clients;
            group.execute(() -> {
                for (var i = 0; i < clients; i++) {
                    connect(group);
                }
            });
            if (!over.await(seconds + 30L, TimeUnit.SECONDS)) {
                throw new IOException("no answer for 30 s");
            }
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
        var failed = failure.get();
        if (failed != null) {
            throw new IOException(failed);
        }
        return done;
    }

    private void connect(MultiThreadIoEventLoopGroup group) {
        new Bootstrap()
                .group(group)
                .channel(EpollSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        proxy == 0
                                                ? tls.newHandler(channel.alloc(), "localhost", origin)
                                                : new Opening())
                                .addLast(new HttpClientCodec())
                                .addLast(new Talk(group));
                    }
                })
                .connect("127.0.0.1", proxy == 0 ? origin : proxy)
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        fail(connected.cause().toString());
                    }
                });
    }

    private void fail(String why) {
        failure.compareAndSet(null, why);
        over.countDown();
    }

    private FullHttpRequest request() {
        var request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                body.length == 0 ? HttpMethod.GET : HttpMethod.POST,
                path,
                Unpooled.wrappedBuffer(body));
        request.headers().set("Host", "localhost:" + origin);
        if (body.length > 0) {
            request.headers().set("Content-Type", "application/json").set("Content-Length", body.length);
        }
        if (!kept) {
            request.headers().set("Connection", "close");
        }
        return request;
    }

    /** Asks for the tunnel, then gives way to TLS. */
    private final class Opening extends ChannelInboundHandlerAdapter {
        private final StringBuilder head = new StringBuilder();

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            var target = "localhost:" + origin;
            ctx.writeAndFlush(Unpooled.copiedBuffer(
                    "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n", StandardCharsets.US_ASCII));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            var bytes = (ByteBuf) message;
            head.append(bytes.toString(StandardCharsets.ISO_8859_1));
            bytes.release();
            if (head.indexOf("\r\n\r\n") < 0) {
                return;
            }
            if (head.indexOf(" 200") < 0) {
                fail("a CONNECT was answered with " + head);
                return;
            }
            ctx.pipeline().replace(this, "tls", tls.newHandler(ctx.alloc(), "localhost", origin));
            ctx.pipeline().fireChannelActive();
        }
    }

    /** One client. */
    private final class Talk extends ChannelInboundHandlerAdapter {
        private final MultiThreadIoEventLoopGroup group;
        private boolean answered;
        private boolean stays = kept;
        private boolean used;

        Talk(MultiThreadIoEventLoopGroup group) {
            this.group = group;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(request());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            var last = message instanceof LastHttpContent;
            if (message instanceof HttpResponse head) {
                stays &= HttpUtil.isKeepAlive(head);
                if (head.status().code() != 200) {
                    fail("answered " + head.status());
                }
            }
            ReferenceCountUtil.release(message);
            if (!last) {
                return;
            }
            done++;
            used = true;
            if (System.nanoTime() >= end) {
                answered = true;
                ctx.close();
                if (--running == 0) {
                    over.countDown();
                }
            } else if (stays) {
                ctx.writeAndFlush(request());
            } else {
                answered = true;
                ctx.close();
                connect(group);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (!answered && used) {
                // An answer that came before the end of its request ended the connection.
                connect(group);
            } else if (!answered) {
                fail("a connection was closed before its answer");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            fail(cause.toString());
        }
    }
}
