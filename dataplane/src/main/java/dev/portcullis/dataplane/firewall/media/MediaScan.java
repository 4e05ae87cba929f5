package dev.portcullis.dataplane.firewall.media;

import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The scan of a decoded body that says it is something else, and may be media all the same. Nothing can be taken out of it
 * any more, so an image of which something would have to be is refused.
 */
public final class MediaScan implements BodyScan {
    private static final int LOOKED_AT = 512;

    private final MediaPolicy policy;
    private final MediaCheck check;
    private final BodyScan inner;
    private final byte[] first = new byte[LOOKED_AT];
    private int count;
    private boolean decided;

    /**
     * A scan.
     *
     * @param contentType value of Content-Type, or an empty string
     * @param inner the scan of the body as text
     */
    public MediaScan(MediaPolicy policy, String contentType, BodyScan inner) {
        this.policy = policy;
        this.check = new MediaCheck(policy, contentType, false);
        this.inner = inner;
    }

    @Override
    public void feed(ByteBuffer bytes) {
        check.look(bytes);
        if (!decided) {
            var more = Math.min(bytes.remaining(), LOOKED_AT - count);
            bytes.get(bytes.position(), first, count, more);
            count += more;
            decide(count == LOOKED_AT);
        }
        inner.feed(bytes);
    }

    private void decide(boolean ended) {
        decided = check.decide(Unpooled.wrappedBuffer(first, 0, count), ended, -1);
        if (decided && policy.strips() && !check.blocks() && check.kind().strippable()) {
            check.hidden();
        }
    }

    @Override
    public void finish() {
        if (!decided) {
            decide(true);
        }
        check.finish();
        inner.finish();
    }

    @Override
    public long clean() {
        return policy.holds() && check.blocks() ? 0 : inner.clean();
    }

    @Override
    public List<Finding> findings() {
        if (check.findings().isEmpty()) {
            return inner.findings();
        }
        var all = new ArrayList<>(check.findings());
        all.addAll(inner.findings());
        return all;
    }

    /** What the policy says about a body that is here whole, and goes no further as what it is. */
    public static List<Finding> judge(MediaPolicy policy, String contentType, boolean partial, byte[] body) {
        var check = new MediaCheck(policy, contentType, partial);
        check.look(ByteBuffer.wrap(body));
        check.decide(Unpooled.wrappedBuffer(body), true, body.length);
        check.finish();
        return check.findings();
    }
}
