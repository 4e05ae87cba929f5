package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.redact.JsonRedaction;
import dev.portcullis.dataplane.firewall.rewrite.BodyRewrite;
import dev.portcullis.dataplane.firewall.rewrite.DecodedRewrite;
import dev.portcullis.dataplane.firewall.scan.MediaType;
import dev.portcullis.dataplane.firewall.scan.RequestScanner;
import dev.portcullis.dataplane.firewall.scan.coding.GrpcBody;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** Which request bodies are redacted. */
final class RequestRedaction {
    private RequestRedaction() {}

    /**
     * What redacts the body of a request. A compressed one goes on as it is decoded, and its head says so from here on.
     *
     * @param headers of the request; loses Content-Encoding where the body does
     * @return null where the policy redacts nothing, or the body is not JSON
     */
    static @Nullable BodyRewrite rewrite(RequestScanner scanner, HttpHeaders headers, ByteBufAllocator allocator) {
        var type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
        if (!scanner.redacts() || GrpcBody.is(type) || !MediaType.json(MediaType.essence(type))) {
            return null;
        }
        var redaction = new JsonRedaction(type, scanner::openRedaction, allocator);
        var codings = headers.getAll(HttpHeaderNames.CONTENT_ENCODING);
        if (codings.isEmpty()) {
            return redaction;
        }
        headers.remove(HttpHeaderNames.CONTENT_ENCODING);
        return new DecodedRewrite(codings, redaction, "request body");
    }
}
