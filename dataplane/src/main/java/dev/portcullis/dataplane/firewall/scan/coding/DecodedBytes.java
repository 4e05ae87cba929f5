package dev.portcullis.dataplane.firewall.scan.coding;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import java.nio.ByteBuffer;
import java.util.List;

/** What a {@link CodedBody} decodes a body to by its declared codings, for whoever wants the bytes and not a scan of them. */
public abstract class DecodedBytes implements Bodies {
    private boolean opened;

    /** The next bytes. They need not be taken, and are the caller's again afterwards. */
    protected abstract void decoded(ByteBuffer more);

    /** The first that is opened takes what the declared codings wrap; what is inside that is not looked into. */
    @Override
    public final BodyScan plain() {
        var first = !opened;
        opened = true;
        return new Take(first);
    }

    @Override
    public final boolean scansCoded() {
        return false;
    }

    /** The finding that refuses a body nobody can decode. */
    protected static Finding undecodable(String rule, String message) {
        return new Finding(
                ScannerName.COMPRESSION, rule, Severity.medium, Action.Block, "plaintext", "body", -1, message, "");
    }

    private final class Take implements BodyScan {
        private final boolean keeps;

        Take(boolean keeps) {
            this.keeps = keeps;
        }

        @Override
        public void feed(ByteBuffer more) {
            if (keeps) {
                decoded(more);
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
