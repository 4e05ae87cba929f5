package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.media.MediaScan;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.BothScans;
import dev.portcullis.dataplane.firewall.scan.EventStreamScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.coding.Bodies;
import dev.portcullis.dataplane.firewall.scan.coding.CodedBody;
import dev.portcullis.dataplane.firewall.scan.coding.GrpcBody;
import dev.portcullis.dataplane.firewall.scan.coding.MessageArchives;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

/**
 * How a policy looks at the bodies of one direction.
 *
 * @param request true for what leaves, false for what comes back
 * @param type value of Content-Type, or an empty string
 * @param host the host at the other end, for exemptions
 * @param messageCoding how gRPC compresses its messages, or an empty string
 * @param also wraps the scan of the decoded body
 */
record BodyDirection(
        FirewallPolicy policy,
        boolean request,
        String type,
        String host,
        String messageCoding,
        UnaryOperator<BodyScan> also)
        implements Bodies {
    private static final AsciiString GRPC_ENCODING = AsciiString.cached("grpc-encoding");
    private static final AsciiString CONNECT_ENCODING = AsciiString.cached("connect-content-encoding");

    /** A direction whose scan nothing else looks at. */
    BodyDirection(FirewallPolicy policy, boolean request, String type, String host) {
        this(policy, request, type, host, "", UnaryOperator.identity());
    }

    /** Opens the scan of a request's body by what its head says. */
    static CodedBody request(FirewallPolicy policy, HttpHeaders headers, String host, UnaryOperator<BodyScan> also) {
        return open(policy, true, headers, host, also);
    }

    /**
     * Opens the scan of a response's body by what its head says.
     *
     * @param codings values of Content-Encoding; what these wrap is looked at as media, too
     */
    static CodedBody response(FirewallPolicy policy, HttpHeaders headers, List<String> codings, String host) {
        var type = type(headers);
        return new CodedBody(
                codings,
                new BodyDirection(
                        policy,
                        false,
                        type,
                        host,
                        messageCoding(headers),
                        codings.isEmpty() || EventStreamScan.is(type)
                                ? UnaryOperator.identity()
                                : outermost(scan -> new MediaScan(policy.media(), type, scan))));
    }

    private static CodedBody open(
            FirewallPolicy policy, boolean request, HttpHeaders headers, String host, UnaryOperator<BodyScan> also) {
        return new CodedBody(
                headers.getAll(HttpHeaderNames.CONTENT_ENCODING),
                new BodyDirection(policy, request, type(headers), host, messageCoding(headers), also));
    }

    private static String messageCoding(HttpHeaders headers) {
        var named = headers.get(GRPC_ENCODING);
        return named == null ? headers.get(CONNECT_ENCODING, "") : named;
    }

    private static String type(HttpHeaders headers) {
        var type = headers.get(HttpHeaderNames.CONTENT_TYPE);
        return type == null ? "" : type;
    }

    /** Wraps the first scan that is opened, which is of what all declared codings wrap. */
    private static UnaryOperator<BodyScan> outermost(UnaryOperator<BodyScan> wrapping) {
        var opened = new AtomicBoolean();
        return scan -> opened.getAndSet(true) ? scan : wrapping.apply(scan);
    }

    @Override
    public BodyScan plain() {
        if (GrpcBody.is(type)) {
            return request
                    ? also.apply(new GrpcBody(
                            policy.scanner().openClientMessages(host),
                            new MessageArchives(
                                    policy.scanner().openClientMessages(host),
                                    () -> policy.scanner().openClientMessages(host),
                                    this::unreadableArchive),
                            messageCoding,
                            this))
                    : new GrpcBody(
                            policy.scanner().openServerMessages(host),
                            policy.scanner().openServerMessages(host),
                            messageCoding,
                            this);
        }
        if (request) {
            var scan = policy.scanner().openRequestBody(type, host);
            var unredacted = policy.scanner().openRedactionCheck(type);
            return also.apply(unredacted == null ? scan : new BothScans(scan, unredacted));
        }
        return EventStreamScan.is(type)
                ? new EventStreamScan(
                        policy.scanner().openServerMessages(host),
                        policy.scanner().openServerMessages(host))
                : also.apply(policy.scanner().openResponseBody(type, host));
    }

    /** What leaves could hide in the frame around compressed data; what comes back is read by ordinary clients. */
    @Override
    public boolean scansCoded() {
        return request;
    }

    @Override
    public long limit() {
        if (request) {
            return policy.limits().requestBody();
        }
        return EventStreamScan.is(type) || GrpcBody.is(type)
                ? Long.MAX_VALUE
                : policy.limits().responseBody();
    }

    @Override
    public Finding unknownCoding() {
        return finding(
                Action.Block,
                "unknown-coding",
                "is compressed in a way that cannot be scanned: use gzip, deflate, br, zstd or none, up to four together");
    }

    @Override
    public Finding brokenCoding(String rule, String what) {
        return finding(
                request ? policy.dlpAction() : policy.injectionAction(),
                rule,
                "is not what its content coding says: " + what);
    }

    /** What comes back is read by programs that unpack it, and not as text. */
    @Override
    public boolean unpacksArchives() {
        return request && !GrpcBody.is(type);
    }

    @Override
    public Finding unreadableArchive(String what) {
        return unreadableArchive("unreadable-archive", what);
    }

    private Finding unreadableArchive(String rule, String what) {
        return finding(policy.dlpAction(), rule, "cannot be scanned, because " + what);
    }

    private Finding finding(Action action, String rule, String message) {
        return new Finding(
                ScannerName.COMPRESSION,
                rule,
                Severity.medium,
                action,
                "plaintext",
                "body",
                -1,
                "the " + (request ? "request" : "response") + " body " + message,
                "");
    }
}
