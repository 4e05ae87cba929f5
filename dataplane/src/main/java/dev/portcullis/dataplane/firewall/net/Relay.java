package dev.portcullis.dataplane.firewall.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;

/**
 * Passes bytes from its channel to the other one. The next read waits until the other side can take more, so a slow
 * receiver holds back a fast sender instead of filling memory. The end of one direction is passed on as such; when both
 * have ended, both channels close.
 */
public final class Relay extends ChannelInboundHandlerAdapter {
    /** Told of what passes. Called on the event loop of both channels. */
    public interface Watch {
        /** Bytes were read. */
        void passed(int bytes);

        /** One of the channels is gone; the other must go too. */
        void ended(String why);
    }

    // One read, then its write, while the bytes are still in the processor's cache; docs/decisions has the measurement.
    private static final int SMALLEST = 1024;
    private static final int FIRST = 8 * 1024;
    private static final int LARGEST = 256 * 1024;

    private final Channel other;
    private final Watch watch;
    private boolean inputEnded;

    /** A relay to {@code other}, which runs on the same event loop and has auto-read off. */
    public Relay(Channel other, Watch watch) {
        this.other = other;
        this.watch = watch;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.channel()
                .config()
                .setRecvByteBufAllocator(
                        new AdaptiveRecvByteBufAllocator(SMALLEST, FIRST, LARGEST).maxMessagesPerRead(1));
        ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            watch.passed(bytes.readableBytes());
            other.write(bytes, other.voidPromise());
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        other.flush();
        if (!inputEnded && other.isWritable()) {
            ctx.read();
        }
    }

    /** This channel drained or filled up: the other one's relay reads on when it drained. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable() && other.isActive()) {
            other.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) {
            return;
        }
        inputEnded = true;
        if (((DuplexChannel) other).isInputShutdown()) {
            watch.ended("both sides ended");
            return;
        }
        other.writeAndFlush(other.alloc().buffer(0)).addListener((ChannelFutureListener) sent -> {
            if (other.isActive()) {
                endOutput(other);
                // What it was sent has left: its own end is the end of both, without a half-closed state in between.
                other.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
            }
        });
    }

    /** Netty's way makes an exception each time, for what waits to be written; nothing does here. */
    private static void endOutput(Channel channel) {
        if (!(channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket)) {
            ((DuplexChannel) channel).shutdownOutput();
            return;
        }
        try {
            socket.shutdown(false, true);
        } catch (IOException e) {
            // Its peer is gone as a whole, and its own event tells so.
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        watch.ended("closed by one side");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        watch.ended("reset by one side");
    }
}
