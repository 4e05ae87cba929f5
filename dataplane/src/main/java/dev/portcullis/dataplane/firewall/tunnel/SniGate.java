package dev.portcullis.dataplane.firewall.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds back the first bytes of a tunnel until it is known which server they ask for. Reports one {@link SniOutcome}; when
 * it is removed from the pipeline, what it held goes to the handler behind it.
 */
public final class SniGate extends ChannelInboundHandlerAdapter {
    /** Told what there is to tell, once, on the event loop. */
    @FunctionalInterface
    public interface Report {
        /**
         * The server name compares so with the CONNECT host.
         *
         * @param encrypted whether the name the client means is, or may be, encrypted
         */
        void serverName(SniOutcome outcome, boolean encrypted);
    }

    private final String host;
    private final long timeoutMillis;
    private final Report report;
    private @Nullable ByteBuf held;
    private @Nullable ScheduledFuture<?> timer;
    private boolean reported;

    /**
     * A gate.
     *
     * @param host the CONNECT host, in lower case
     */
    public SniGate(String host, long timeoutMillis, Report report) {
        this.host = withoutDot(host);
        this.timeoutMillis = timeoutMillis;
        this.report = report;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        held = ctx.alloc().buffer(2048);
        timer = ctx.executor().schedule(() -> report(SniOutcome.TIMEOUT, false), timeoutMillis, TimeUnit.MILLISECONDS);
        ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = held;
        if (bytes == null || !(message instanceof ByteBuf read)) {
            ReferenceCountUtil.release(message);
            return;
        }
        bytes.writeBytes(read);
        read.release();
        if (reported) {
            return;
        }
        var hello = ClientHello.read(bytes);
        switch (hello.kind()) {
            case INCOMPLETE -> {}
            case NOT_TLS -> report(SniOutcome.NOT_TLS, false);
            case MALFORMED -> report(SniOutcome.MALFORMED_TLS, false);
            case NO_NAME -> report(SniOutcome.NO_EXTENSION, false);
            case NAMED -> {
                var name = hello.name();
                report(
                        name != null && withoutDot(name).equals(host) ? SniOutcome.MATCH : SniOutcome.MISMATCH,
                        hello.encrypted());
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!reported) {
            ctx.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stopTimer();
        var bytes = held;
        held = null;
        if (bytes == null) {
            return;
        }
        if (bytes.isReadable() && ctx.channel().isActive()) {
            ctx.fireChannelRead(bytes);
            ctx.fireChannelReadComplete();
        } else {
            bytes.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private void report(SniOutcome outcome, boolean encrypted) {
        if (!reported) {
            reported = true;
            stopTimer();
            report.serverName(outcome, encrypted);
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }
}
