package dev.portcullis.dataplane.firewall.scan.coding;

import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.FirstFindings;
import dev.portcullis.dataplane.firewall.scan.MessageScan;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The scan of the messages of one direction, and of what archives and compressed files in them unpack to, under the limits of
 * {@link CodedBody}. One archive may come in many messages: what is found in it is found with the message that completes
 * it. What it unpacks to is scanned as far as it came, so nothing waits for a message that does not come. Not thread-safe.
 */
public final class MessageArchives implements MessageScan {
    /** Makes the finding for an archive that cannot be unpacked. */
    @FunctionalInterface
    public interface Refusal {
        /**
         * The finding.
         *
         * @param rule {@code unreadable-archive} or {@code coding-ratio}
         * @param what the rest of a sentence that begins with "because"
         */
        Finding finding(String rule, String what);
    }

    private final MessageScan messages;
    private final CodedBody archives;
    private int told;

    /**
     * A scan.
     *
     * @param messages sees the messages as they are
     * @param texts opens the scan of what something unpacks to
     */
    public MessageArchives(MessageScan messages, Supplier<MessageScan> texts, Refusal refusal) {
        this.messages = messages;
        this.archives = new CodedBody(List.of(), new Texts(texts, refusal));
    }

    @Override
    public List<Finding> scan(ByteBuffer message) {
        var bytes = message.duplicate();
        var found = messages.scan(message);
        archives.feed(bytes);
        // Forgets what is behind.
        archives.clean();
        var all = archives.findings();
        if (all.size() == told) {
            return found;
        }
        var both = new ArrayList<>(found);
        both.addAll(all.subList(told, all.size()));
        told = all.size();
        return both;
    }

    /** The messages themselves are looked at elsewhere; what they unpack to is looked at here. */
    private static final class Texts implements Bodies {
        private final Supplier<MessageScan> texts;
        private final Refusal refusal;
        private boolean opened;

        Texts(Supplier<MessageScan> texts, Refusal refusal) {
            this.texts = texts;
            this.refusal = refusal;
        }

        @Override
        public BodyScan plain() {
            var first = !opened;
            opened = true;
            return new EachPiece(first ? message -> List.of() : texts.get());
        }

        @Override
        public boolean scansCoded() {
            return true;
        }

        @Override
        public boolean unpacksArchives() {
            return true;
        }

        @Override
        public long limit() {
            return Long.MAX_VALUE;
        }

        @Override
        public Finding unknownCoding() {
            return brokenCoding("unknown-coding", "it is of a coding that nobody knows");
        }

        @Override
        public Finding brokenCoding(String rule, String what) {
            return refusal.finding(rule, what);
        }
    }

    /** Looks at each piece when it comes. */
    private static final class EachPiece implements BodyScan {
        private final MessageScan text;
        private final FirstFindings findings = new FirstFindings();
        private long fed;

        EachPiece(MessageScan text) {
            this.text = text;
        }

        @Override
        public void feed(ByteBuffer bytes) {
            fed += bytes.remaining();
            findings.add(text.scan(bytes));
            bytes.position(bytes.limit());
        }

        @Override
        public void finish() {}

        @Override
        public long clean() {
            return fed;
        }

        @Override
        public List<Finding> findings() {
            return findings.all();
        }
    }
}
