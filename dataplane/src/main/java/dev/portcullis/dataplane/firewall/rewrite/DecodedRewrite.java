package dev.portcullis.dataplane.firewall.rewrite;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.coding.Bodies;
import dev.portcullis.dataplane.firewall.scan.coding.CodedBody;
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
public final class DecodedRewrite implements BodyRewrite, Bodies {
    private final BodyRewrite inner;
    private final CodedBody coded;
    private final String what;
    private Consumer<ByteBuf> to = ByteBuf::release;
    private boolean opened;

    /**
     * A rewrite.
     *
     * @param contentEncoding every value of that header
     * @param what what the body is, for findings: {@code response body}
     */
    @SuppressWarnings("this-escape")
    public DecodedRewrite(List<String> contentEncoding, BodyRewrite inner, String what) {
        this.inner = inner;
        this.what = what;
        this.coded = new CodedBody(contentEncoding, this);
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

    // What the decoder asks.

    /** The first that is opened takes what the declared codings wrap; what is inside that is not looked into. */
    @Override
    public BodyScan plain() {
        var first = !opened;
        opened = true;
        return new Take(first);
    }

    @Override
    public boolean scansCoded() {
        return false;
    }

    @Override
    public long limit() {
        return Long.MAX_VALUE;
    }

    @Override
    public Finding unknownCoding() {
        return finding(
                "unknown-coding",
                "is compressed in a way that cannot be undone: use gzip, deflate, br, zstd or none, up to four together");
    }

    @Override
    public Finding brokenCoding(String rule, String why) {
        return finding(rule, "is not what its content coding says: " + why);
    }

    private Finding finding(String rule, String message) {
        return new Finding(
                ScannerName.COMPRESSION,
                rule,
                Severity.medium,
                Action.Block,
                "plaintext",
                "body",
                -1,
                "the " + what + " " + message,
                "");
    }

    private final class Take implements BodyScan {
        private final boolean keeps;

        Take(boolean keeps) {
            this.keeps = keeps;
        }

        @Override
        public void feed(ByteBuffer more) {
            if (keeps && more.hasRemaining()) {
                inner.feed(Unpooled.copiedBuffer(more), to);
            }
            more.position(more.limit());
        }

        @Override
        public void finish() {}

        @Override
        public long clean() {
            return Long.MAX_VALUE;
        }

        @Override
        public List<Finding> findings() {
            return List.of();
        }
    }
}
