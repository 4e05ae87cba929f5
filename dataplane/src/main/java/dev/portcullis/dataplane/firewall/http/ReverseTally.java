package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.metrics.ReverseProxyMetrics;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.util.ArrayDeque;

/** Counts each request to a reverse proxy once, when its final status goes out, whoever made the reply. */
public final class ReverseTally extends ChannelDuplexHandler {
    private static final int SWITCHING = 101;
    private static final int FINAL = 200;

    private final ReverseProxyMetrics metrics;
    private final ArrayDeque<String> methods = new ArrayDeque<>();

    public ReverseTally(ReverseProxyMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest head) {
            methods.addLast(head.method().name());
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof HttpResponse head) {
            var status = head.status().code();
            if (status >= FINAL || status == SWITCHING) {
                var method = methods.pollFirst();
                metrics.answered(method == null ? "" : method, status);
            }
        }
        ctx.write(message, promise);
    }
}
