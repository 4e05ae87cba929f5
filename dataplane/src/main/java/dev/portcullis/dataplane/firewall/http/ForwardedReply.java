package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.rewrite.DecodedRewrite;
import dev.portcullis.dataplane.firewall.scan.EventStreamScan;
import dev.portcullis.dataplane.firewall.scan.coding.GrpcBody;
import dev.portcullis.dataplane.firewall.verdict.Denial;
import dev.portcullis.dataplane.firewall.verdict.Subject;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An origin's reply on its way to the client: its head waits until the first bytes of its body are clean. */
final class ForwardedReply {
    private final ClientConnection connection;
    private final Subject subject;
    private final HttpResponse head;
    private final @Nullable BodyGate gate;
    private final boolean originStays;
    private boolean headWritten;
    private boolean stays;

    /**
     * A reply.
     *
     * @param gate scans the body; null where there is none
     */
    ForwardedReply(ClientConnection connection, Subject subject, HttpResponse head, @Nullable BodyGate gate) {
        this.connection = connection;
        this.subject = subject;
        this.head = head;
        this.gate = gate;
        this.originStays = HttpUtil.isKeepAlive(head)
                && !Headers.authenticateConnection(head.headers())
                && (gate == null
                        || HttpUtil.isTransferEncodingChunked(head)
                        || head.headers().contains(HttpHeaderNames.CONTENT_LENGTH));
    }

    /** Passes an interim reply on (RFC 9110 section 15.2); 100 was ours to send, and nobody was let ask for 101. */
    static void interim(ClientConnection connection, HttpResponse answer) {
        if (connection.http11() && answer.status().code() > 101) {
            Headers.cleanResponse(answer.headers());
            connection.write(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    answer.status(),
                    Unpooled.EMPTY_BUFFER,
                    answer.headers(),
                    EmptyHttpHeaders.INSTANCE));
        }
    }

    /** Opens the scan of a reply's body. */
    static BodyGate gate(ClientConnection connection, FirewallPolicy policy, HttpResponse head, String host) {
        var codings = head.headers().getAll(HttpHeaderNames.CONTENT_ENCODING);
        var rewrite = MediaReplies.rewrite(
                policy.media(), head, codings, connection.channel().alloc());
        return new BodyGate(
                BodyDirection.response(
                        policy, head.headers(), rewrite instanceof DecodedRewrite ? List.of() : codings, host),
                rewrite,
                policy.mode() != Mode.Audit
                        && (policy.injectionAction() == Action.Block
                                || policy.limits().refuseOversize()),
                connection.channel().alloc());
    }

    /** The scan of the body, or null where there is none. */
    @Nullable
    BodyGate gate() {
        return gate;
    }

    /** True once the client was sent anything of it. */
    boolean begun() {
        return headWritten;
    }

    /** HTTP status. */
    int status() {
        return head.status().code();
    }

    /** True where the origin's connection can carry another exchange after this reply. */
    boolean originStays() {
        return originStays;
    }

    /** True where the client's connection can carry another exchange after this reply; known once it has begun. */
    boolean clientStays() {
        return stays;
    }

    /** Takes a part of the body, and its ownership. */
    void add(HttpContent part) {
        if (gate == null) {
            part.release();
            return;
        }
        gate.add(part.content());
        if (part instanceof LastHttpContent) {
            gate.end();
        }
    }

    /**
     * Writes what may go to the client, without flushing.
     *
     * @param trailers fields behind the body, passed on where its end can carry them
     */
    void write(boolean ended, HttpHeaders trailers) {
        if (ended
                && !headWritten
                && connection.multiplexed()
                && trailers.isEmpty()
                && (gate == null || gate.isEmpty())) {
            // One frame says both that it begins and that it ends: what HEAD and gRPC's early errors look like.
            headWritten = true;
            prepareHead();
            connection.write(new DefaultFullHttpResponse(
                    head.protocolVersion(),
                    head.status(),
                    Unpooled.EMPTY_BUFFER,
                    head.headers(),
                    EmptyHttpHeaders.INSTANCE));
            return;
        }
        if (!headWritten && (ended || gate != null && gate.ready())) {
            writeHead();
        }
        if (gate != null && headWritten) {
            ByteBuf piece;
            while ((piece = gate.poll()) != null) {
                connection.write(new DefaultHttpContent(piece));
            }
        }
        if (ended) {
            connection.write(
                    Headers.last(trailers, connection.multiplexed() || HttpUtil.isTransferEncodingChunked(head)));
        }
    }

    /**
     * Lets the head of a reply that is awaited by itself go before there is a clean byte behind it: calls of gRPC that stream
     * both ways go on when it is there, and a page that listens to events is connected when it is there.
     */
    void beginIfAwaited() {
        var type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        if (!headWritten && (GrpcBody.is(type) || EventStreamScan.is(type))) {
            writeHead();
        }
    }

    private void writeHead() {
        headWritten = true;
        prepareHead();
        connection.write(head);
    }

    private void prepareHead() {
        var headers = head.headers();
        Headers.cleanResponse(headers);
        head.setProtocolVersion(HttpVersion.HTTP_1_1);
        stays = connection.staysOpen();
        var rewrite = gate == null ? null : gate.rewrite();
        if (rewrite != null && rewrite.changesLength()) {
            rewrite.prepare(headers);
            headers.remove(HttpHeaderNames.CONTENT_LENGTH);
        }
        if (gate != null && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            if (connection.http11()) {
                headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            } else {
                stays = false;
            }
        }
        connection.connectionHeader(headers, stays);
        var wouldBlock = subject.wouldBlock();
        if (wouldBlock != null) {
            headers.set(Denial.WOULD_HEADER, wouldBlock);
        }
    }

    /** Drops what it holds. */
    void release() {
        if (gate != null) {
            gate.release();
        }
    }
}
