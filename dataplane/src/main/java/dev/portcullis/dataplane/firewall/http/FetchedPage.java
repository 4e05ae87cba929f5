package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.coding.DecodedBytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** A page that a fetch brings, decoded as its head says and collected up to a limit. */
final class FetchedPage extends DecodedBytes {
    private final long limit;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long length;

    FetchedPage(long limit) {
        this.limit = limit;
    }

    /** True when it is larger than the limit. */
    boolean tooLarge() {
        return length > limit;
    }

    /** What was collected. */
    byte[] bytes() {
        return bytes.toByteArray();
    }

    @Override
    protected void decoded(ByteBuffer more) {
        length += more.remaining();
        var room = (int) Math.min(more.remaining(), Math.max(0, limit - bytes.size()));
        var copy = new byte[room];
        more.get(copy);
        bytes.writeBytes(copy);
    }

    @Override
    public long limit() {
        return limit;
    }

    @Override
    public Finding unknownCoding() {
        return brokenCoding("unknown-coding", "");
    }

    @Override
    public Finding brokenCoding(String rule, String what) {
        return undecodable(rule, "the page cannot be decoded");
    }
}
