package dev.portcullis.dataplane.firewall.net;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;

/**
 * How much the other side of an HTTP/2 connection may have on its way that exchanges have not taken (RFC 9113 section 5.2):
 * {@value #STREAM} bytes of a stream, and of a connection as many as all its streams together, so that an exchange that
 * takes nothing holds up no other.
 */
final class Http2Windows {
    /** Bytes of one stream. */
    static final int STREAM = 128 * 1024;

    private Http2Windows() {}

    /**
     * Widens the window of a connection that begins, whose streams have {@link #STREAM} from its settings.
     *
     * @param codec in the pipeline of {@code channel}
     * @param streams how many there may be at once
     */
    static void widen(Channel channel, Http2FrameCodec codec, int streams) {
        try {
            var connection = codec.connection();
            var whole = connection.connectionStream();
            var flow = connection.local().flowController();
            flow.incrementWindowSize(whole, streams * STREAM - flow.initialWindowSize(whole));
            channel.flush();
        } catch (Http2Exception e) {
            throw new IllegalStateException("the window of a new connection can grow", e);
        }
    }
}
