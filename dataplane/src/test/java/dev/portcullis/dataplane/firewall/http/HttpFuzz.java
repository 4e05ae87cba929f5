package dev.portcullis.dataplane.firewall.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Fuzz targets of what a client writes. */
public final class HttpFuzz {
    private HttpFuzz() {}

    /** Requests on the wire: the same heads and bodies come out however they are cut, and no buffer is left. */
    public static void request(byte[] input) {
        assertThat(decoded(input, 7)).isEqualTo(decoded(input, Math.max(1, input.length)));
    }

    private static List<String> decoded(byte[] input, int piece) {
        var memory = new UnpooledByteBufAllocator(false, true);
        var channel = new EmbeddedChannel(new StrictRequestDecoder(8 * 1024));
        channel.config().setAllocator(memory);
        var heads = new ArrayList<String>();
        var body = 0L;
        for (var at = 0; at < input.length; at += piece) {
            channel.writeInbound(memory.heapBuffer().writeBytes(input, at, Math.min(piece, input.length - at)));
            body += drain(channel, heads);
        }
        channel.finish();
        body += drain(channel, heads);
        assertThat(memory.metric().usedHeapMemory()).isZero();
        var refused = heads.indexOf("refused");
        if (refused >= 0) {
            // The connection ends there.
            return List.copyOf(heads.subList(0, refused + 1));
        }
        heads.add("body " + body);
        return heads;
    }

    private static long drain(EmbeddedChannel channel, List<String> heads) {
        var body = 0L;
        Object next;
        while ((next = channel.readInbound()) != null) {
            if (next instanceof HttpRequest request) {
                heads.add(
                        request.decoderResult().isFailure()
                                ? "refused"
                                : request.method() + " " + request.uri() + " "
                                        + request.headers().entries());
            } else if (next instanceof HttpObject object
                    && object.decoderResult().isFailure()) {
                heads.add("refused");
            }
            if (next instanceof ByteBufHolder content) {
                body += content.content().readableBytes();
            }
            ReferenceCountUtil.release(next);
        }
        return body;
    }

    /** A request target in each form, and as the query of fetch. */
    public static void target(byte[] input) {
        var text = new String(input, StandardCharsets.ISO_8859_1);
        try {
            var target = RequestTarget.absolute(text);
            assertThat(target.host()).isNotEmpty();
            assertThat(target.pathAndQuery()).startsWith("/");
            assertThat(target.port()).isBetween(0, 65_535);
        } catch (MalformedRequestException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
        try {
            var tunnel = RequestTarget.authority(text);
            assertThat(tunnel.port()).isBetween(1, 65_535);
            RequestTarget.inside("/", text, tunnel);
        } catch (MalformedRequestException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
        FetchQuery.of(text);
        FetchQuery.of("/fetch?url=" + text);
    }

    /** A page whose text is wanted: there is no more of it than of the page. */
    public static void page(byte[] input) {
        var html = new String(input, StandardCharsets.UTF_8);
        var page = PageText.of(html);
        assertThat(page.text().length()).isLessThanOrEqualTo(html.length() + 1);
    }
}
