package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.FirewallParts;
import dev.portcullis.dataplane.firewall.session.LiveConnections;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.websocket.Handshake;
import dev.portcullis.dataplane.metrics.FirewallMetrics.LimitClose;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One client connection: takes its requests one after the other, in order, and gives each to an {@link Exchange}. Reads
 * from the socket only what the exchange in progress can take, plus, once a request is complete, one read ahead so that the
 * client's end is noticed. Belongs to one event loop.
 */
public final class ClientConnection extends ChannelInboundHandlerAdapter
        implements LiveConnections.Live, ClientDeadlines.Watched {
    private final FirewallParts parts;
    private final Channel channel;
    private final InetAddress client;
    private final @Nullable ResponseEncoder encoder;
    private final Exchanges exchanges;
    private final Carrier carrier;
    private final ClientDeadlines deadlines;
    private final ClientEnd ending;
    private final ArrayDeque<HttpObject> pending = new ArrayDeque<>();
    private @Nullable Exchange exchange;
    private boolean requestComplete;
    private boolean keepAlive;
    private boolean http11;
    private boolean delivering;
    private boolean reading;
    private boolean inputShut;
    private boolean drained;
    private boolean tunnel;
    private boolean answering;
    private long received;
    private long written;

    /** The connection behind the socket {@code channel}, whose replies {@code encoder} writes. */
    public ClientConnection(FirewallParts parts, Channel channel, ResponseEncoder encoder, Exchanges exchanges) {
        this(parts, channel, encoder, exchanges, Carrier.socket(parts));
    }

    /**
     * A connection inside {@code carrier}.
     *
     * @param encoder writes the replies; null for a stream of HTTP/2
     */
    public ClientConnection(
            FirewallParts parts,
            Channel channel,
            @Nullable ResponseEncoder encoder,
            Exchanges exchanges,
            Carrier carrier) {
        this.parts = parts;
        this.channel = channel;
        this.client = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        this.encoder = encoder;
        this.exchanges = exchanges;
        this.carrier = carrier;
        this.deadlines = new ClientDeadlines(parts, channel, this);
        this.ending = new ClientEnd(channel, carrier);
    }

    // The life of the channel.

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        carrier.opened(this);
        channel.closeFuture().addListener(closed -> gone());
        deadlines.start();
        ctx.read();
        reading = true;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        touch();
        if (message instanceof HttpContent content) {
            received += content.content().readableBytes();
        }
        if (ending.lingers()) {
            ending.discard(message);
        } else if (message instanceof HttpObject object) {
            pending.add(object);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        deliver();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.clientWritabilityChanged();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == StrictRequestDecoder.HEAD_STARTED) {
            if (exchange == null) {
                deadlines.headStarted();
            }
        } else if (event instanceof ChannelInputShutdownEvent) {
            inputShut = true;
            if (exchange == null || ending.lingers() || !requestComplete) {
                channel.close();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (carrier.multiplexed() && cause instanceof Http2Exception broken) {
            ending.reset(broken.error());
        } else {
            channel.close();
        }
    }

    private void gone() {
        carrier.closed(this);
        deadlines.stop();
        for (var object : pending) {
            ReferenceCountUtil.release(object);
        }
        pending.clear();
        if (exchange != null) {
            exchange.clientGone();
            exchange = null;
        }
    }

    // Requests in.

    private void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        while (!tunnel && !ending.lingers()) {
            var next = pending.peekFirst();
            if (next == null) {
                break;
            }
            if (exchange == null) {
                pending.removeFirst();
                if (next instanceof HttpRequest head) {
                    begin(head);
                } else {
                    ReferenceCountUtil.release(next);
                }
            } else if (!requestComplete && next.decoderResult().isFailure()) {
                pending.removeFirst();
                ReferenceCountUtil.release(next);
                keepAlive = false;
                exchange.unreadable(sentence(next.decoderResult()));
                break;
            } else if (!requestComplete && exchange.wantsContent()) {
                pending.removeFirst();
                requestComplete = next instanceof LastHttpContent;
                exchange.content((HttpContent) next);
            } else {
                break;
            }
        }
        delivering = false;
        readOn();
    }

    private static String sentence(DecoderResult failure) {
        return "the request's body is not framed as HTTP/1.1 says (RFC 9112 section 7.1): "
                + failure.cause().getMessage();
    }

    private void readOn() {
        if (reading || tunnel || inputShut || !pending.isEmpty()) {
            return;
        }
        if (ending.lingers() || exchange == null || requestComplete || exchange.wantsContent()) {
            reading = true;
            channel.read();
        }
    }

    private void begin(HttpRequest head) {
        deadlines.headEnded();
        requestComplete = head instanceof LastHttpContent;
        answering = false;
        http11 = head.protocolVersion().equals(HttpVersion.HTTP_1_1);
        // What follows a CONNECT or a request for a WebSocket is not HTTP, and what follows a broken head is nobody's.
        keepAlive = HttpUtil.isKeepAlive(head)
                && head.decoderResult().isSuccess()
                && !head.method().equals(HttpMethod.CONNECT)
                && !Handshake.asked(head)
                && !carrier.multiplexed();
        if (encoder != null) {
            encoder.answeringHead(head.method().equals(HttpMethod.HEAD));
        }
        exchange = exchanges.open(this, head);
        exchange.start();
        if (head instanceof LastHttpContent) {
            ReferenceCountUtil.release(head);
        }
    }

    // What exchanges use.

    /** The channel. */
    public Channel channel() {
        return channel;
    }

    /** The event loop. */
    public EventLoop loop() {
        return channel.eventLoop();
    }

    /** Address of the client. */
    public InetAddress client() {
        return client;
    }

    /** True when the client speaks HTTP/1.1 and so understands chunks. */
    public boolean http11() {
        return http11;
    }

    /** True for a stream of HTTP/2. */
    public boolean multiplexed() {
        return carrier.multiplexed();
    }

    /** False while written bytes wait to be sent. */
    public boolean isWritable() {
        return channel.isWritable();
    }

    /** Writes a part of a reply without flushing. */
    public void write(HttpObject part) {
        touch();
        answering |= part instanceof HttpResponse;
        if (part instanceof HttpContent content) {
            written += content.content().readableBytes();
        }
        if (part instanceof LastHttpContent last) {
            ending.write(last);
        } else {
            channel.write(part, channel.voidPromise());
        }
    }

    /** Sends what was written. */
    public void flush() {
        channel.flush();
    }

    /** Something passed, in either direction. */
    public void touch() {
        deadlines.touch();
        carrier.touched();
    }

    /** {@link Exchange#wantsContent()} may have become true. */
    public void contentWanted() {
        deliver();
    }

    /** Tells a client that waits with its body to send it. */
    public void sendContinue() {
        channel.writeAndFlush(
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }

    /** True when the connection will take another request after this one. */
    public boolean staysOpen() {
        return keepAlive && requestComplete && !inputShut && !drained;
    }

    /** Answers the request in progress with a refusal. */
    public void deny(Denial denial, @Nullable String accept) {
        reply(Replies.denial(denial, accept));
    }

    /** Answers the request in progress, and goes on to the next. */
    public void reply(FullHttpResponse reply) {
        skipRest();
        var stays = staysOpen();
        connectionHeader(reply.headers(), stays);
        write(reply);
        finish(stays);
    }

    /** Throws away what was read of the request's body, so that a short one does not cost the connection. */
    private void skipRest() {
        while (!requestComplete && pending.peekFirst() instanceof HttpContent content) {
            pending.removeFirst();
            keepAlive &= content.decoderResult().isSuccess();
            requestComplete = content instanceof LastHttpContent;
            content.release();
        }
    }

    /** Says in a reply's headers whether the connection stays open. */
    public void connectionHeader(HttpHeaders headers, boolean stays) {
        if (!stays) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (!http11) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
        if (headers.contains(HttpHeaderNames.UPGRADE)) {
            headers.add(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        }
    }

    /** The reply was written to its end. */
    public void finish(boolean stays) {
        exchange = null;
        if (stays) {
            flush();
            if (drained) {
                channel.close();
                return;
            }
            deliver();
        } else {
            ending.afterReply(requestComplete);
            if (ending.lingers()) {
                pending.forEach(ReferenceCountUtil::release);
                pending.clear();
                readOn();
            }
        }
    }

    /** Ends the connection so that the client cannot take what it has for the whole reply. */
    public void abort() {
        exchange = null;
        ending.abort();
    }

    /** HTTP is over: the exchange owns what flows from here on. Returns at once; the caller rebuilds the pipeline. */
    public void becomeTunnel() {
        tunnel = true;
    }

    /**
     * HTTP is over: {@code handler} takes what comes from here on, beginning with what came behind the request, and
     * {@code next} is told what exchanges are told. What was written before goes out first.
     */
    public void leaveHttp(Exchange next, ChannelHandler handler) {
        tunnel = true;
        exchange = next;
        var pipeline = channel.pipeline();
        pipeline.remove(this);
        pipeline.remove(ResponseEncoder.class);
        pipeline.addLast(handler);
        pipeline.remove(StrictRequestDecoder.class);
    }

    // Time.

    @Override
    public boolean waitsForClient() {
        var current = exchange;
        return current != null
                && !tunnel
                && (!channel.isWritable() || !requestComplete && !answering && reading && current.wantsContent());
    }

    @Override
    public long moved() {
        return received + written - (channel.isWritable() ? 0 : channel.bytesBeforeWritable());
    }

    @Override
    public void headLate() {
        if (exchange == null && !ending.lingers()) {
            late(
                    LimitClose.HEADER_TIMEOUT,
                    "header-timeout",
                    "the request's header took too long",
                    "headerTimeout: 10s");
        }
    }

    @Override
    public void slow() {
        var current = exchange;
        if (current == null) {
            return;
        }
        current.clientGone();
        if (answering) {
            parts.metrics().limitClose(LimitClose.SLOW_CLIENT);
            abort();
        } else {
            late(
                    LimitClose.SLOW_CLIENT,
                    "slow-client",
                    "the request's body came in at less than " + ClientDeadlines.SLOWEST + " bytes a second",
                    "idleTimeout: 10m");
        }
    }

    private void late(LimitClose limit, String rule, String message, String field) {
        keepAlive = false;
        deny(parts.enforcer().late(limit, parts.requestIds().next(), rule, message, field), null);
    }

    @Override
    public void idle() {
        if (exchange == null) {
            parts.metrics().limitClose(LimitClose.IDLE_TIMEOUT);
            channel.close();
        } else {
            exchange.idle();
        }
    }

    // Changes from outside.

    @Override
    public void recheck() {
        loop().execute(() -> {
            if (exchange != null) {
                exchange.recheck(parts.policies().get(), exchanges.engagement(parts.killSwitch(), client));
            }
        });
    }

    @Override
    public void drain() {
        loop().execute(() -> {
            drained = true;
            if (exchange == null) {
                channel.close();
            } else {
                exchange.drain();
            }
        });
    }

    @Override
    public void close() {
        loop().execute(() -> channel.close());
    }
}
