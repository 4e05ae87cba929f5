package dev.portcullis.dataplane.firewall.session;

import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A body's scan that also looks at what its first bytes complete. Nothing is clean before that was done: at the end of the
 * body, or after {@link CrossRequest#BODY_BYTES} bytes.
 */
final class FragmentBody implements BodyScan {
    /** Judges the beginning of a body. */
    @FunctionalInterface
    interface Judge {
        /** What {@code bytes[0, length)} completes. */
        List<Finding> judge(byte[] bytes, int length);
    }

    private final BodyScan body;
    private final Judge judge;
    private byte[] start = new byte[0];
    private int length;
    private boolean judged;
    private boolean blocked;
    private List<Finding> found = List.of();

    FragmentBody(BodyScan body, Judge judge) {
        this.body = body;
        this.judge = judge;
    }

    @Override
    public void feed(ByteBuffer bytes) {
        if (!judged) {
            var take = Math.min(bytes.remaining(), CrossRequest.BODY_BYTES - length);
            if (length + take > start.length) {
                start = Arrays.copyOf(
                        start, Math.min(CrossRequest.BODY_BYTES, Math.max(length + take, start.length * 2)));
            }
            bytes.get(bytes.position(), start, length, take);
            length += take;
            if (length == CrossRequest.BODY_BYTES) {
                judge();
            }
        }
        body.feed(bytes);
    }

    @Override
    public void finish() {
        judge();
        body.finish();
    }

    private void judge() {
        if (!judged) {
            judged = true;
            found = judge.judge(start, length);
            blocked = found.stream().anyMatch(CrossRequest::blocks);
            start = new byte[0];
        }
    }

    @Override
    public long clean() {
        return judged && !blocked ? body.clean() : 0;
    }

    @Override
    public List<Finding> findings() {
        if (found.isEmpty()) {
            return body.findings();
        }
        // A caller reads on from what it has seen, so what is here must not move.
        if (merged < body.findings().size() || !foundAdded) {
            var news = body.findings();
            all.addAll(news.subList(merged, news.size()));
            merged = news.size();
            if (!foundAdded) {
                all.addAll(found);
                foundAdded = true;
            }
        }
        return List.copyOf(all);
    }

    private final List<Finding> all = new ArrayList<>();
    private int merged;
    private boolean foundAdded;
}
