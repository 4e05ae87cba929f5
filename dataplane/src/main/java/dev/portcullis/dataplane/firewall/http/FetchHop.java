package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.net.Dialer;
import dev.portcullis.dataplane.firewall.net.UpstreamConnection;
import dev.portcullis.dataplane.metrics.FirewallMetrics.UpstreamError;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
    private final long limit;
    private final Outcome outcome;
    private final UpstreamConnection upstream = new UpstreamConnection();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable HttpResponse head;
    private @Nullable Inflation inflation;
    private boolean connected;
    private boolean over;

    FetchHop(RequestTarget target, long limit, Outcome outcome) {
        this.target = target;
        this.limit = limit;
        this.outcome = outcome;
    }

    /** Begins. */
    void start(Dialer dialer, EventLoop loop) {
        dialer.open(loop, target.host(), target.port(), target.secure(), upstream.handlers(), this);
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
                .set(HttpHeaderNames.ACCEPT_ENCODING, "gzip, deflate")
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
        var coding = answer.headers().get(HttpHeaderNames.CONTENT_ENCODING);
        if (coding != null && !Inflation.isIdentity(coding)) {
            inflation = Inflation.of(coding);
            if (inflation == null) {
                end(outcome::undecodable);
            }
        }
    }

    @Override
    public void replyPart(HttpContent part) {
        var answer = head;
        try {
            if (over || answer == null) {
                return;
            }
            if (inflation == null) {
                collect(part.content());
            } else {
                inflation.decode(part.content(), this::collect);
            }
        } catch (DecoderException e) {
            end(outcome::undecodable);
        } finally {
            part.release();
        }
        if (!over && body.size() > limit) {
            end(outcome::tooLarge);
        } else if (!over && answer != null && part instanceof LastHttpContent) {
            end(() -> outcome.fetched(answer, body.toByteArray()));
        }
    }

    /** Collects what lies within the limit, and one byte beyond as the sign that there is more. */
    private void collect(ByteBuf bytes) {
        var room = (int) Math.min(bytes.readableBytes(), limit + 1 - body.size());
        if (room > 0) {
            try {
                bytes.getBytes(bytes.readerIndex(), body, room);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
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
        if (inflation != null) {
            inflation.close();
        }
    }
}
