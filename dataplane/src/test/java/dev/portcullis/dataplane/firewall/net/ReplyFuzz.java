package dev.portcullis.dataplane.firewall.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Fuzz targets of what origins reply, in HTTP/1.1 and in HTTP/2: exchanges are told heads, then parts, then one end or one
 * failure and nothing after it; the same ones however the bytes are cut; and no buffer is left.
 */
public final class ReplyFuzz {
    private static final int EXCHANGES = 3;

    private ReplyFuzz() {}

    /** A reply in HTTP/1.1: the first byte says whether HEAD was asked. */
    public static void http1(byte[] input) {
        if (input.length > 0) {
            assertThat(http1(input, 5)).isEqualTo(http1(input, input.length));
        }
    }

    /** Frames for {@value #EXCHANGES} exchanges that wait for their replies. */
    public static void http2(byte[] input) {
        assertThat(http2(input, 5)).isEqualTo(http2(input, Math.max(1, input.length)));
    }

    private static String http1(byte[] input, int piece) {
        var memory = new UnpooledByteBufAllocator(false, true);
        var channel = new EmbeddedChannel();
        channel.config().setAllocator(memory);
        var connection = new UpstreamConnection();
        channel.pipeline().addLast(connection.handlers().toArray(ChannelHandler[]::new));
        var reply = new Reply(connection);
        connection.writeWhole(request((input[0] & 1) == 0 ? HttpMethod.GET : HttpMethod.HEAD));
        connection.flush();
        feed(channel, memory, input, 1, piece);
        channel.finishAndReleaseAll();
        assertThat(reply.done && reply.orderly).isTrue();
        assertThat(memory.metric().usedHeapMemory()).isZero();
        return reply.toString();
    }

    private static List<String> http2(byte[] input, int piece) {
        var memory = new UnpooledByteBufAllocator(false, true);
        var channel = new EmbeddedChannel();
        channel.config().setAllocator(memory);
        var upstream = UpstreamHttp2.begin(channel, new AtomicInteger());
        var replies = new ArrayList<Reply>();
        for (var i = 0; i < EXCHANGES; i++) {
            upstream.open(connection -> {
                replies.add(new Reply(connection));
                connection.writeWhole(request(HttpMethod.GET));
                connection.flush();
                connection.read();
            });
        }
        channel.runPendingTasks();
        assertThat(replies).hasSize(EXCHANGES);
        feed(channel, memory, input, 0, piece);
        channel.finishAndReleaseAll();
        channel.runPendingTasks();
        assertThat(replies).allMatch(reply -> reply.done && reply.orderly);
        assertThat(upstream.isOpen()).isFalse();
        assertThat(memory.metric().usedHeapMemory()).isZero();
        return replies.stream().map(Reply::toString).toList();
    }

    private static DefaultHttpRequest request(HttpMethod method) {
        var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, "/");
        request.headers().set("host", "e.com");
        return request;
    }

    private static void feed(
            EmbeddedChannel channel, UnpooledByteBufAllocator memory, byte[] input, int from, int piece) {
        for (var at = from; at < input.length && channel.isOpen(); at += piece) {
            channel.writeInbound(memory.heapBuffer().writeBytes(input, at, Math.min(piece, input.length - at)));
            ByteBuf sent;
            while ((sent = channel.readOutbound()) != null) {
                sent.release();
            }
        }
    }

    /** What an exchange is told. */
    private static final class Reply implements UpstreamConnection.Listener {
        private final UpstreamConnection connection;
        private final List<String> heads = new ArrayList<>();
        private long body;
        private boolean done;
        private boolean failed;
        // Asserted at the end: Netty keeps what handlers throw to itself.
        private boolean orderly = true;

        Reply(UpstreamConnection connection) {
            this.connection = connection;
            connection.attach(this);
        }

        @Override
        public void replyHead(HttpResponse head) {
            orderly &= !done;
            for (var name : ExtensionHeaderNames.values()) {
                orderly &= !connection.multiplexed() || !head.headers().contains(name.text());
            }
            heads.add(head.status().code() + " " + head.headers().entries());
        }

        @Override
        public void replyPart(HttpContent part) {
            body += part.content().readableBytes();
            part.release();
            orderly &= !done && !heads.isEmpty();
            if (part instanceof LastHttpContent && !heads.getLast().startsWith("1")) {
                done = true;
                connection.detach();
            }
        }

        @Override
        public void replyReadComplete() {
            if (!done) {
                connection.read();
            }
        }

        @Override
        public void originWritabilityChanged() {}

        @Override
        public void originFailed(boolean protocol, String message) {
            orderly &= !done && !message.isBlank();
            done = true;
            failed = true;
        }

        @Override
        public String toString() {
            return heads + " body " + body + (failed ? " failed" : "");
        }
    }
}
