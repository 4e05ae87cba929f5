package dev.portcullis.dataplane.firewall.http;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Writes responses; knows when the request was HEAD, whose response has the headers of a body but none. */
public final class ResponseEncoder extends HttpResponseEncoder {
    private boolean answeringHead;

    /** Says whether the responses that follow answer a HEAD request. */
    void answeringHead(boolean head) {
        answeringHead = head;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse message) {
        return answeringHead || super.isContentAlwaysEmpty(message);
    }
}
