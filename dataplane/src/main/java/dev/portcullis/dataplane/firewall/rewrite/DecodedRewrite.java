package dev.portcullis.dataplane.firewall.rewrite;

import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.coding.CodedBody;
import dev.portcullis.dataplane.firewall.scan.coding.DecodedBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Changes a compressed body: decodes it, and what goes on is not compressed. */
public final class DecodedRewrite implements BodyRewrite {
    private final BodyRewrite inner;
    private final CodedBody coded;
    private final String what;
    private Consumer<ByteBuf> to = ByteBuf::release;

    /**
     * A rewrite.
     *
     * @param contentEncoding every value of that header
     * @param what what the body is, for findings: {@code response body}
     */
    public DecodedRewrite(List<String> contentEncoding, BodyRewrite inner, String what) {
        this.inner = inner;
        this.what = what;
        this.coded = new CodedBody(contentEncoding, new Decoded());
    }

    @Override
    public void feed(ByteBuf bytes, Consumer<ByteBuf> next) {
        to = next;
        try {
            for (var part : bytes.nioBuffers()) {
                coded.feed(part);
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void finish(Consumer<ByteBuf> next) {
        to = next;
        coded.finish();
        if (coded.findings().isEmpty()) {
            inner.finish(next);
        }
    }

    @Override
    public List<Finding> findings() {
        if (coded.findings().isEmpty()) {
            return inner.findings();
        }
        var all = new ArrayList<>(inner.findings());
        all.addAll(coded.findings());
        return all;
    }

    @Override
    public boolean changesLength() {
        return true;
    }

    @Override
    public void prepare(HttpHeaders headers) {
        inner.prepare(headers);
        headers.remove(HttpHeaderNames.CONTENT_ENCODING);
    }

    @Override
    public @Nullable Rewritten done() {
        return inner.done();
    }

    @Override
    public Map<String, Integer> counts() {
        return inner.counts();
    }

    @Override
    public void close() {
        coded.close();
        inner.close();
    }

    /** What the decoder asks, and brings. */
    private final class Decoded extends DecodedBytes {
        @Override
        protected void decoded(ByteBuffer more) {
            if (more.hasRemaining()) {
                inner.feed(Unpooled.copiedBuffer(more), to);
            }
        }

        @Override
        public long limit() {
            return Long.MAX_VALUE;
        }

        @Override
        public Finding unknownCoding() {
            return undecodable(
                    "unknown-coding",
                    "the " + what
                            + " is compressed in a way that cannot be undone: use gzip, deflate, br, zstd or none, up to four together");
        }

        @Override
        public Finding brokenCoding(String rule, String why) {
            return undecodable(rule, "the " + what + " is not what its content coding says: " + why);
        }
    }
}
