package dev.portcullis.dataplane.firewall.net;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** What the head of an origin's reply must be beside readable. */
final class ReplyHead {
    /** Most interim replies before the final one (RFC 9110 section 15.2 sets no bound). */
    static final int INTERIM = 100;

    private ReplyHead() {}

    /**
     * What is wrong with {@code head}, as a part of a sentence, or null.
     *
     * @param interim interim replies so far, this one included
     */
    static @Nullable String fault(HttpResponse head, int interim) {
        var status = head.status().code();
        if (status < 100 || status > 999) {
            return "its status " + status + " has not three digits";
        }
        if (interim > INTERIM) {
            return "it sent more than " + INTERIM + " interim replies";
        }
        var coding = head.headers().get(HttpHeaderNames.TRANSFER_ENCODING);
        if (coding != null && !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(coding.trim())) {
            // What was not asked for in TE cannot be undone here, and would reach the client as if it were the content.
            return "it is in a transfer coding that nobody asked for";
        }
        return null;
    }
}
