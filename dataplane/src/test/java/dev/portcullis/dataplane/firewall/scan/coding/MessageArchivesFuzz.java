package dev.portcullis.dataplane.firewall.scan.coding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.MessageScan;
import dev.portcullis.dataplane.firewall.scan.ScanFuzz;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Fuzz target of archives in messages: how the bytes are cut into messages, bytes. Every message is shown as it came and is
 * left as it was; what is in them unpacks to no more than it may; and a secret in a message behind any others is found, a
 * compressed one too unless they were refused already.
 */
public final class MessageArchivesFuzz {
    /** What is handed out in one piece before it is stopped, for each depth. */
    private static final int SLACK = ContentCoding.DEEPEST * 256 * 1024;

    private static final byte[] PACKED = Coded.of("gzip", ScanFuzz.planted());

    private MessageArchivesFuzz() {}

    /** Tries one row of messages. */
    public static void run(byte[] input) {
        if (input.length < 1) {
            return;
        }
        var messages = Arrays.copyOfRange(input, 1, input.length);
        var piece = 1 + (input[0] & 0xff) * 8;
        var plain = new ByteArrayOutputStream();
        var unpacked = new long[1];
        feed(
                open(
                        message -> {
                            plain.writeBytes(bytes(message));
                            return List.of();
                        },
                        () -> message -> {
                            unpacked[0] += message.remaining();
                            return List.of();
                        }),
                messages,
                piece);
        assertThat(plain.toByteArray()).isEqualTo(messages);
        assertThat(unpacked[0]).isLessThanOrEqualTo(CodedBody.FREE + CodedBody.RATIO * (long) messages.length + SLACK);
        var scan = open(ScanFuzz.clientMessages(), ScanFuzz::clientMessages);
        var found = feed(scan, messages, piece);
        ScanFuzz.assertRefused(scan.scan(ByteBuffer.wrap(ScanFuzz.planted())));
        found.addAll(feed(scan, PACKED, PACKED.length));
        ScanFuzz.assertRefused(found);
    }

    private static MessageArchives open(MessageScan plain, Supplier<MessageScan> texts) {
        return new MessageArchives(plain, texts, StrictBodies::refused);
    }

    private static List<Finding> feed(MessageArchives scan, byte[] messages, int piece) {
        var found = new ArrayList<Finding>();
        for (var at = 0; at < messages.length; at += piece) {
            found.addAll(scan.scan(ByteBuffer.wrap(messages, at, Math.min(piece, messages.length - at))
                    .asReadOnlyBuffer()));
        }
        return found;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
