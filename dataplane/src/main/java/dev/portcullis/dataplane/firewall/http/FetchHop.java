package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.net.Dialer;
import dev.portcullis.dataplane.firewall.net.UpstreamConnection;
import dev.portcullis.dataplane.firewall.net.UpstreamTls;
import dev.portcullis.dataplane.firewall.scan.coding.CodedBody;
import dev.portcullis.dataplane.firewall.scan.coding.ContentCoding;
import dev.portcullis.dataplane.metrics.FirewallMetrics.UpstreamError;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One GET of a fetch: connects, asks, collects the decoded body up to a limit. Belongs to one event loop. */
final class FetchHop implements Dialer.Opening, UpstreamConnection.Listener {
    /** Who asked. Called on the event loop; after the first of the four outcomes nothing more is called. */
    interface Outcome {
        /** Judges the addresses; false gives up. */
        boolean resolved(List<InetAddress> addresses);

        /** The reply is here, whole and decoded. */
        void fetched(HttpResponse head, byte[] body);

        /** It is larger than the limit. */
        void tooLarge();

        /** Its content coding cannot be undone. */
        void undecodable();

        /** The origin failed. */
        void failed(UpstreamError error, String message);
    }

    private final RequestTarget target;
    private final Outcome outcome;
    private final UpstreamConnection upstream = new UpstreamConnection();
    private final FetchedPage page;
    private @Nullable HttpResponse head;
    private @Nullable CodedBody body;
    private boolean connected;
    private boolean over;

    FetchHop(RequestTarget target, long limit, Outcome outcome) {
        this.target = target;
        this.page = new FetchedPage(limit);
        this.outcome = outcome;
    }

    /** Begins. */
    void start(Dialer dialer, EventLoop loop, UpstreamTls tls) {
        dialer.open(loop, target.host(), target.port(), target.secure() ? tls : null, upstream.handlers(), this);
    }

    /** The address of the origin; null before there is a connection to it. */
    @Nullable
    InetAddress reached() {
        return connected ? upstream.address() : null;
    }

    /** Stops without an outcome. */
    void stop() {
        if (!over) {
            over = true;
            release();
        }
    }

    @Override
    public boolean resolved(List<InetAddress> addresses) {
        return !over && outcome.resolved(addresses);
    }

    @Override
    public void opened(Channel channel) {
        if (over) {
            channel.close();
            return;
        }
        connected = true;
        upstream.attach(this);
        var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target.pathAndQuery());
        request.headers()
                .set(HttpHeaderNames.HOST, target.authority())
                .set(HttpHeaderNames.USER_AGENT, "Portcullis-Fetch")
                .set(HttpHeaderNames.ACCEPT, "text/html, application/json, text/*, */*;q=0.5")
                .set(HttpHeaderNames.ACCEPT_ENCODING, ContentCoding.ACCEPTED)
                .set(HttpHeaderNames.CONNECTION, "close");
        upstream.write(request);
        upstream.flush();
        upstream.read();
    }

    @Override
    public void openFailed(UpstreamError error, String message) {
        end(() -> outcome.failed(error, message));
    }

    @Override
    public void replyHead(HttpResponse answer) {
        if (answer.status().code() < 200) {
            return;
        }
        head = answer;
        var opened = new CodedBody(answer.headers().getAll(HttpHeaderNames.CONTENT_ENCODING), page);
        body = opened;
        if (!opened.findings().isEmpty()) {
            end(outcome::undecodable);
        }
    }

    @Override
    public void replyPart(HttpContent part) {
        var answer = head;
        var open = body;
        if (over || answer == null || open == null) {
            part.release();
            return;
        }
        var last = part instanceof LastHttpContent;
        for (var bytes : part.content().nioBuffers()) {
            open.feed(bytes);
        }
        part.release();
        if (last) {
            open.finish();
        }
        if (!open.findings().isEmpty()) {
            end(outcome::undecodable);
        } else if (page.tooLarge()) {
            end(outcome::tooLarge);
        } else if (last) {
            end(() -> outcome.fetched(answer, page.bytes()));
        }
    }

    @Override
    public void replyReadComplete() {
        if (!over) {
            upstream.read();
        }
    }

    @Override
    public void originWritabilityChanged() {}

    @Override
    public void originFailed(boolean protocol, String message) {
        end(() -> outcome.failed(protocol ? UpstreamError.PROTOCOL : UpstreamError.RESET, message));
    }

    private void end(Runnable tell) {
        if (!over) {
            over = true;
            release();
            tell.run();
        }
    }

    private void release() {
        if (connected) {
            upstream.close();
        }
        if (body != null) {
            body.close();
        }
    }
}
