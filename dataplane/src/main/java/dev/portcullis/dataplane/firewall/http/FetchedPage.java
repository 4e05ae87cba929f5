package dev.portcullis.dataplane.firewall.http;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import dev.portcullis.dataplane.firewall.scan.coding.Bodies;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;

/** A page that a fetch brings, decoded as its head says and collected up to a limit. */
final class FetchedPage implements Bodies {
    private final long limit;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean opened;
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

    /** The first that is opened takes what the declared codings wrap; what is inside that is not the page. */
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
        return limit;
    }

    @Override
    public Finding unknownCoding() {
        return finding("unknown-coding");
    }

    @Override
    public Finding brokenCoding(String rule, String what) {
        return finding(rule);
    }

    private static Finding finding(String rule) {
        return new Finding(
                ScannerName.COMPRESSION,
                rule,
                Severity.medium,
                Action.Block,
                "plaintext",
                "body",
                -1,
                "the page cannot be decoded",
                "");
    }

    private final class Take implements BodyScan {
        private final boolean keeps;

        Take(boolean keeps) {
            this.keeps = keeps;
        }

        @Override
        public void feed(ByteBuffer more) {
            if (keeps) {
                length += more.remaining();
                var room = (int) Math.min(more.remaining(), Math.max(0, limit - bytes.size()));
                var copy = new byte[room];
                more.get(copy);
                bytes.writeBytes(copy);
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
