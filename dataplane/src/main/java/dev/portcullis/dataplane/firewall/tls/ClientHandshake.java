package dev.portcullis.dataplane.firewall.tls;

import dev.portcullis.dataplane.firewall.tunnel.ConnectRequest;
import dev.portcullis.dataplane.firewall.verdict.InterceptOutcome;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * TLS with the client of a tunnel that is looked into: the certificate for the host it asked for, then the handshake. Belongs
 * to the client's event loop.
 */
final class ClientHandshake {
    /** Told how it ends: once, or not at all where it is stopped before. */
    interface Watch {
        /** TLS stands, {@code seconds} after the certificate was asked for. */
        void established(SslHandler tls, double seconds);

        /** There is no TLS, for the reason that {@code message} gives. */
        void failed(InterceptOutcome outcome, String message);
    }

    private final ConnectRequest request;
    private final ClientPipeline pipeline;
    private final Watch watch;
    private @Nullable SslHandler handler;
    private long beganNanos;
    private boolean underWay;

    /** The handshake of the client of {@code request}. */
    ClientHandshake(ConnectRequest request, ClientPipeline pipeline, Watch watch) {
        this.request = request;
        this.pipeline = pipeline;
        this.watch = watch;
    }

    /** Begins: asks for the certificate. */
    void begin() {
        underWay = true;
        beganNanos = request.parts().nanoClock().getAsLong();
        requestLeaf();
    }

    /** Nothing is told from here on. Returns whether it was under way. */
    boolean stop() {
        var was = underWay;
        underWay = false;
        return was;
    }

    /** What speaks TLS in the client's pipeline; null before the certificate is there. */
    @Nullable
    SslHandler handler() {
        return handler;
    }

    private void requestLeaf() {
        var loop = request.connection().loop();
        request.parts()
                .leaves()
                .of(request.policy().interception(), request.host())
                .whenComplete((context, failure) -> {
                    if (loop.inEventLoop()) {
                        leaf(context, failure);
                    } else {
                        loop.execute(() -> leaf(context, failure));
                    }
                });
    }

    private void leaf(@Nullable SslContext context, @Nullable Throwable failure) {
        if (!underWay) {
            return;
        }
        if (context == null) {
            var cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            underWay = false;
            watch.failed(
                    InterceptOutcome.FAILED,
                    "there is no certificate for " + request.host() + ": "
                            + (cause == null ? "unknown" : cause.getMessage()));
            return;
        }
        var client = request.connection().channel();
        SslHandler tls;
        try {
            ReferenceCountUtil.retain(context);
        } catch (IllegalReferenceCountException dropped) {
            // It left the cache between being found and being used.
            requestLeaf();
            return;
        }
        try {
            tls = context.newHandler(client.alloc());
        } finally {
            ReferenceCountUtil.release(context);
        }
        handler = tls;
        tls.setHandshakeTimeoutMillis(request.policy().limits().headerMillis());
        tls.handshakeFuture().addListener(done -> ended(tls, done.cause()));
        pipeline.toTls(client, tls);
    }

    private void ended(SslHandler tls, @Nullable Throwable failure) {
        if (!stop()) {
            return;
        }
        if (failure == null) {
            watch.established(tls, (request.parts().nanoClock().getAsLong() - beganNanos) / 1e9);
        } else {
            watch.failed(
                    failure instanceof SslHandshakeTimeoutException
                            ? InterceptOutcome.DEADLINE_ERROR
                            : InterceptOutcome.HANDSHAKE_ERROR,
                    HandshakeFailure.of(failure, request.host()));
        }
    }
}
