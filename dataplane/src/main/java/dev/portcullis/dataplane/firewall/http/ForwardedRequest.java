package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.dataplane.firewall.net.UpstreamConnection;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A client's request on its way to an origin: its head waits until the first bytes of its body are clean. */
final class ForwardedRequest {
    private final HttpRequest head;
    private final RequestTarget target;
    private final boolean hasBody;
    private final boolean expectsContinue;
    private @Nullable BodyGate gate;
    private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
    private boolean takesTrailers;
    private boolean bodyEnded;
    private boolean headSent;
    private boolean sent;

    /** A request, as received. */
    ForwardedRequest(HttpRequest head, RequestTarget target) {
        this.head = head;
        this.target = target;
        this.hasBody = HttpUtil.isTransferEncodingChunked(head) || HttpUtil.getContentLength(head, 0L) > 0;
        this.expectsContinue = hasBody && HttpUtil.is100ContinueExpected(head);
    }

    /**
     * Opens the scan of the body, where there is one.
     *
     * @param also wraps the scan of the decoded body
     */
    @Nullable
    BodyGate openGate(FirewallPolicy policy, UnaryOperator<BodyScan> also, ByteBufAllocator allocator) {
        if (hasBody) {
            var rewrite = RequestRedaction.rewrite(policy.scanner(), head.headers(), allocator);
            gate = new BodyGate(
                    BodyDirection.request(policy, head.headers(), target.host(), also),
                    rewrite,
                    policy.mode() != Mode.Audit,
                    allocator);
        }
        return gate;
    }

    /** True for a request that goes no further than here; one that may go on spends this hop. */
    boolean endsHere() {
        return MaxForwards.endsHere(head);
    }

    /**
     * The answer to a request that goes no further than here.
     *
     * @param wouldBlock the stage that would have refused it in another mode, or null
     */
    FullHttpResponse answerHere(@Nullable String wouldBlock) {
        var answer = MaxForwards.answer(head);
        if (wouldBlock != null) {
            answer.headers().set(Denial.WOULD_HEADER, wouldBlock);
        }
        return answer;
    }

    /** Turns the head into what the origin is sent. */
    void prepare(String identityHeader) {
        var headers = head.headers();
        takesTrailers = headers.containsValue(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true);
        Headers.cleanRequest(headers, identityHeader);
        headers.set(HttpHeaderNames.HOST, target.authority());
        head.setUri(Ascii.target(target.pathAndQuery()));
        head.setProtocolVersion(HttpVersion.HTTP_1_1);
        if (hasBody && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
    }

    /** The scan of the body, or null where there is none. */
    @Nullable
    BodyGate gate() {
        return gate;
    }

    /** The value of Accept, or null. */
    @Nullable
    String accept() {
        return head.headers().get(HttpHeaderNames.ACCEPT);
    }

    boolean hasBody() {
        return hasBody;
    }

    /** Its method, as the client wrote it. */
    String method() {
        return head.method().name();
    }

    /** True where the client waits with its body for a 100. */
    boolean expectsContinue() {
        return expectsContinue;
    }

    /** True where the reply has no body whatever its head says. */
    boolean isHead() {
        return head.method().equals(HttpMethod.HEAD);
    }

    /** True once everything was written to the origin. */
    boolean sent() {
        return sent;
    }

    /** True while it can take more of the body; {@code to} is null before there is a connection to the origin. */
    boolean wantsContent(@Nullable UpstreamConnection to) {
        if (bodyEnded) {
            return false;
        }
        return gate == null || (to == null ? !gate.ready() : to.isWritable());
    }

    /** True once there is something clean to send. */
    boolean ready() {
        return gate == null || gate.ready() || bodyEnded;
    }

    /** Takes a part of the body, and its ownership. */
    void add(HttpContent part) {
        if (part instanceof LastHttpContent last) {
            bodyEnded = true;
            trailers = last.trailingHeaders();
        }
        if (gate == null) {
            part.release();
            return;
        }
        gate.add(part.content());
        if (bodyEnded) {
            gate.end();
        }
    }

    /** Sends what may go to the origin. */
    void send(UpstreamConnection to) {
        if (!headSent) {
            headSent = true;
            reframe();
            if (takesTrailers && to.multiplexed()) {
                // The hop before may have asked for them, and they are passed on (RFC 9110 section 10.1.4; gRPC demands
                // it).
                head.headers().set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
            }
            if (gate == null) {
                sent = true;
                to.writeWhole(head);
            } else {
                to.write(head);
            }
        }
        if (gate != null) {
            ByteBuf piece;
            while ((piece = gate.poll()) != null) {
                to.write(new DefaultHttpContent(piece));
            }
        }
        if (!sent && bodyEnded && gate != null && gate.isEmpty()) {
            sent = true;
            to.write(Headers.last(trailers, to.multiplexed() || HttpUtil.isTransferEncodingChunked(head)));
        }
        to.flush();
    }

    /** Says how long a changed body is where all of it is here, else that its end will tell. */
    private void reframe() {
        var changing = gate == null ? null : gate.rewrite();
        if (gate == null || changing == null || !changing.changesLength()) {
            return;
        }
        var headers = head.headers();
        changing.prepare(headers);
        if (bodyEnded) {
            headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
            headers.set(HttpHeaderNames.CONTENT_LENGTH, gate.heldBytes());
        } else {
            headers.remove(HttpHeaderNames.CONTENT_LENGTH);
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
    }

    /** What came behind the body; empty before it ended. */
    HttpHeaders trailers() {
        return trailers;
    }

    /** True where the request may be sent once more without doing more than once would (RFC 9110 section 9.2.2). */
    boolean repeatable() {
        return !hasBody
                && switch (head.method().name()) {
                    case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
                    default -> false;
                };
    }

    /** True where nothing of it is lost by sending it: it has no body. */
    boolean rewindable() {
        return !hasBody;
    }

    /** Makes a request without a body ready to be sent once more. */
    void rewind() {
        headSent = false;
        sent = false;
    }

    /** Drops what it holds. */
    void release() {
        if (gate != null) {
            gate.release();
        }
    }
}
