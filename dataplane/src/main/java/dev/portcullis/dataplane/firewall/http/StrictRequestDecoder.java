package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.websocket.Handshake;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Reads requests, and refuses every head that two readers could frame differently (RFC 9112 section 11.2): a line that
 * does not end in CRLF, a folded header line, Transfer-Encoding beside Content-Length, more than one Content-Length.
 * After a CONNECT, or a request for a WebSocket, it reads nothing more: what follows belongs to what comes after HTTP and is handed on when this handler leaves.
 */
public final class StrictRequestDecoder extends HttpRequestDecoder {
    /** Fired when a head has begun to arrive and is not complete. */
    public static final Object HEAD_STARTED = new Object() {
        @Override
        public String toString() {
            return "HEAD_STARTED";
        }
    };

    private static final int LARGEST_PART = 64 * 1024;

    private boolean inHead = true;
    private boolean requestLineRead;
    private boolean stopped;
    /** What comes is nobody's: a body could not be read, or a head after it. */
    private boolean broken;

    private boolean announced;

    /**
     * A decoder.
     *
     * @param headerBytes largest header block
     */
    public StrictRequestDecoder(int headerBytes) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(Math.max(headerBytes, 4096))
                .setMaxHeaderSize(headerBytes)
                .setMaxChunkSize(LARGEST_PART)
                .setAllowDuplicateContentLengths(false)
                .setStrictLineParsing(true)
                .setValidateHeaders(true));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) throws Exception {
        if (broken) {
            buffer.skipBytes(buffer.readableBytes());
            return;
        }
        if (stopped) {
            return;
        }
        if (inHead && !requestLineRead && onlyEmptyLines(buffer)) {
            return;
        }
        if (inHead && !linesAreSound(buffer)) {
            buffer.skipBytes(buffer.readableBytes());
            var refused = createInvalidMessage();
            refused.setDecoderResult(DecoderResult.failure(new MalformedRequestException(
                    "framing", "a header line is folded or does not end in CRLF (RFC 9112 sections 2.2 and 5.2)")));
            stopped = true;
            out.add(refused);
            return;
        }
        super.decode(ctx, buffer, out);
        if (out.isEmpty()) {
            if (inHead && requestLineRead | buffer.isReadable() && !announced) {
                announced = true;
                ctx.fireUserEventTriggered(HEAD_STARTED);
            }
            return;
        }
        var last = out.get(out.size() - 1);
        if (out.get(0) instanceof HttpRequest request && leavesHttp(request)) {
            stopped = true;
        }
        broken = last instanceof HttpContent content && content.decoderResult().isFailure();
        inHead = last instanceof LastHttpContent;
        requestLineRead = false;
        announced = false;
    }

    /** True for requests behind which something else than HTTP may follow. */
    private static boolean leavesHttp(HttpRequest request) {
        return request.method().equals(HttpMethod.CONNECT) || Handshake.asked(request);
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("Transfer-Encoding and Content-Length together (RFC 9112 section 6.1)");
    }

    /**
     * Skips the empty lines that may stand before a request (RFC 9112 section 2.2) and says whether there is nothing else
     * yet. A lone CR stays: the decoder would skip it, and the LF that comes next would look bare.
     */
    private static boolean onlyEmptyLines(ByteBuf buffer) {
        while (buffer.readableBytes() >= 2
                && buffer.getByte(buffer.readerIndex()) == '\r'
                && buffer.getByte(buffer.readerIndex() + 1) == '\n') {
            buffer.skipBytes(2);
        }
        return !buffer.isReadable() || buffer.readableBytes() == 1 && buffer.getByte(buffer.readerIndex()) == '\r';
    }

    /** Looks at every line that the decoder is about to consume, and at the beginning of the one that is incomplete. */
    private boolean linesAreSound(ByteBuf buffer) {
        var start = buffer.readerIndex();
        var limit = buffer.writerIndex();
        while (start < limit) {
            var first = buffer.getByte(start);
            if (first == ' ' || first == '\t') {
                return false;
            }
            if (first == '\r' && start + 1 < limit && buffer.getByte(start + 1) != '\n') {
                return false;
            }
            var feed = buffer.indexOf(start, limit, (byte) '\n');
            if (feed < 0) {
                return true;
            }
            if (feed == start || buffer.getByte(feed - 1) != '\r') {
                return false;
            }
            var empty = feed == start + 1;
            if (empty && requestLineRead) {
                return true;
            }
            requestLineRead |= !empty;
            start = feed + 1;
        }
        return true;
    }
}
