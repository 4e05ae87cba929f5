package dev.portcullis.dataplane.firewall.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.metrics.FirewallMetrics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import io.netty.util.ReferenceCountUtil;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fuzz target of HTTP/2 as a client writes it behind its preface, read by the handlers of {@link ProxyPipeline}: the same
 * requests come out however the bytes are cut, each a head, its body and one end, with a method and nothing that the
 * translation adds; never more streams than there may be, no fault that leaves the connection open; and no buffer is left.
 */
public final class Http2Fuzz {
    private static final int HEADER_BYTES = 8 * 1024;
    private static final FirewallMetrics METRICS = new FirewallMetrics(new PrometheusRegistry(), "0");

    private Http2Fuzz() {}

    /** Tries the frames in {@code input}. */
    public static void run(byte[] input) {
        assertThat(requests(input, 5)).isEqualTo(requests(input, Math.max(1, input.length)));
    }

    private static List<String> requests(byte[] input, int piece) {
        var memory = new UnpooledByteBufAllocator(false, true);
        // Where its parent listens, Netty knows that it is the server.
        var channel = new EmbeddedChannel(new LocalServerChannel(), DefaultChannelId.newInstance(), true, false);
        channel.config().setAllocator(memory);
        var streams = new ArrayList<Stream>();
        var translation = new Http2Translation(true);
        var largeHeaders = new ClientHttp2.LargeHeaders(HEADER_BYTES);
        var codec = ClientHttp2.codec(HEADER_BYTES);
        channel.pipeline()
                .addLast(new Http2FrameLimit(true, () -> 0))
                .addLast(codec)
                .addLast(new Http2MultiplexHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                        var stream = new Stream();
                        streams.add(stream);
                        made.pipeline()
                                .addLast(new ClientHttp2.RequiredFields())
                                .addLast(translation)
                                .addLast(largeHeaders)
                                .addLast(stream);
                    }
                }))
                .addLast(new ClientHttp2.Faults(METRICS));
        Http2Windows.widen(channel, codec, ClientHttp2.STREAMS);
        write(channel, Http2CodecUtil.connectionPrefaceBuf());
        for (var at = 0; at < input.length; at += piece) {
            write(channel, memory.heapBuffer().writeBytes(input, at, Math.min(piece, input.length - at)));
            assertThat(codec.connection().numActiveStreams()).isLessThanOrEqualTo(ClientHttp2.STREAMS);
        }
        channel.finishAndReleaseAll();
        channel.runPendingTasks();
        for (var stream : streams) {
            if (stream.broken != null) {
                throw stream.broken;
            }
        }
        assertThat(memory.metric().usedHeapMemory()).isZero();
        return streams.stream().map(Stream::toString).toList();
    }

    private static void write(EmbeddedChannel channel, ByteBuf bytes) {
        if (!channel.isOpen()) {
            bytes.release();
            return;
        }
        channel.writeInbound(bytes);
        ByteBuf sent;
        while ((sent = channel.readOutbound()) != null) {
            sent.release();
        }
    }

    /** What an exchange would be told. */
    private static final class Stream extends ChannelInboundHandlerAdapter {
        private String head = "";
        private long body;
        private boolean ended;
        private @Nullable AssertionError broken;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            try {
                told(message);
            } catch (AssertionError e) {
                broken = e;
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        private void told(Object message) {
            assertThat(ended).isFalse();
            if (message instanceof HttpRequest request) {
                assertThat(head).isEmpty();
                assertThat(request.method().name()).isNotEmpty();
                for (var name : ExtensionHeaderNames.values()) {
                    assertThat(request.headers().contains(name.text())).isFalse();
                }
                for (var field : request.headers()) {
                    assertThat(field.getKey() + field.getValue()).doesNotContain("\r", "\n", "\0");
                }
                assertThat(request.uri()).doesNotContain("\r", "\n", "\0");
                head = request.method() + " " + request.uri() + " "
                        + request.headers().entries();
            } else {
                assertThat(head).isNotEmpty();
            }
            if (message instanceof HttpContent content) {
                body += content.content().readableBytes();
            }
            ended = message instanceof LastHttpContent;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }

        @Override
        public String toString() {
            return head + " body " + body + (ended ? " ended" : "");
        }
    }
}
