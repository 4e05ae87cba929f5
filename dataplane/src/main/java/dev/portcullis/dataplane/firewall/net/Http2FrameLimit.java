package dev.portcullis.dataplane.firewall.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.ReferenceCountUtil;
import java.util.function.LongSupplier;

/**
 * Ends an HTTP/2 connection whose other side keeps us busy with frames that carry nothing: more than {@value #FRAMES} of
 * PRIORITY, SETTINGS, PING, WINDOW_UPDATE, RST_STREAM and unknown types in {@value #SECONDS} s, and {@value #EARNED} more for
 * each buffer of headers or data that we wrote, {@value #MOST_EARNED} in all, since those are what windows and probes answer. It reads the nine bytes before
 * each frame (RFC 9113 section 4.1) and nothing else, ahead of the codec: some of these the codec takes without a word. Belongs
 * to one event loop.
 */
final class Http2FrameLimit extends ChannelDuplexHandler {
    /** Most in one span of time. */
    static final int FRAMES = 1000;

    private static final int SECONDS = 30;
    private static final int EARNED = 4;

    /** What a long transfer leaves for later, so that it pays for no flood. */
    private static final int MOST_EARNED = 16 * FRAMES;

    private static final int LARGEST_CONTROL = 17;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int PUSH_PROMISE = 5;
    private static final int GO_AWAY = 7;
    private static final int CONTINUATION = 9;

    private final LongSupplier nanoClock;
    private long since;
    private long left = FRAMES;
    private int skip;
    private int gathered;
    private int length;
    private boolean ended;

    /**
     * A limit.
     *
     * @param preface true where the other side begins with the preface of a client
     */
    Http2FrameLimit(boolean preface, LongSupplier nanoClock) {
        this.skip = preface ? Http2CodecUtil.connectionPrefaceBuf().readableBytes() : 0;
        this.nanoClock = nanoClock;
        this.since = nanoClock.getAsLong();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes && !ended) {
            if (!within(bytes)) {
                ended = true;
                ReferenceCountUtil.release(message);
                // The codec says GOAWAY, closes, and tells the handlers behind it why.
                ctx.fireExceptionCaught(Http2Exception.connectionError(
                        Http2Error.ENHANCE_YOUR_CALM,
                        "more than %d frames that carry nothing in %d s",
                        FRAMES,
                        SECONDS));
                return;
            }
            ctx.fireChannelRead(message);
        } else if (ended) {
            ReferenceCountUtil.release(message);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes && bytes.readableBytes() > LARGEST_CONTROL) {
            left = Math.min(left + EARNED, MOST_EARNED);
        }
        ctx.write(message, promise);
    }

    private boolean within(ByteBuf bytes) {
        var at = bytes.readerIndex();
        var end = bytes.writerIndex();
        while (at < end) {
            if (skip > 0) {
                var step = Math.min(skip, end - at);
                skip -= step;
                at += step;
                continue;
            }
            var next = bytes.getByte(at++) & 0xff;
            if (gathered < 3) {
                length = length << 8 | next;
            } else if (gathered == 3 && !carries(next) && !spend()) {
                return false;
            }
            if (++gathered == 9) {
                gathered = 0;
                skip = length;
                length = 0;
            }
        }
        return true;
    }

    private static boolean carries(int type) {
        return type == DATA || type == HEADERS || type == CONTINUATION || type == PUSH_PROMISE || type == GO_AWAY;
    }

    private boolean spend() {
        if (--left >= 0) {
            return true;
        }
        var now = nanoClock.getAsLong();
        if (now - since < SECONDS * 1_000_000_000L) {
            return false;
        }
        since = now;
        left = FRAMES;
        return true;
    }
}
