package dev.portcullis.dataplane.firewall.scan.coding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.MessageScan;
import dev.portcullis.dataplane.firewall.scan.ScanFuzz;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Fuzz target of rows of length-prefixed messages: how they are compressed, how they are cut, bytes. Every byte is looked at
 * as it came; every plain message is looked at without its prefix; cutting changes nothing; compressed ones decode to no
 * more than they may; and a secret in a message behind any bytes is found.
 */
public final class GrpcFuzz {
    private static final List<String> ENCODINGS =
            List.of("gzip", "", "identity", "deflate", "br", "zstd", "snappy", " gzip ");

    private GrpcFuzz() {}

    /** Tries one body. */
    public static void run(byte[] input) {
        if (input.length < 2) {
            return;
        }
        var encoding = ENCODINGS.get((input[0] & 0xff) % ENCODINGS.size());
        var body = Arrays.copyOfRange(input, 2, input.length);
        var whole = new Seen();
        scan(whole, encoding, body, Math.max(1, body.length));
        var cut = new Seen();
        scan(cut, encoding, body, 1 + (input[1] & 0xff));
        assertThat(cut.rows).isEqualTo(whole.rows);
        assertThat(cut.findings).isEqualTo(whole.findings);
        assertThat(whole.raw.toByteArray()).isEqualTo(body);
        var plain = plain(body);
        if (!plain.isEmpty()) {
            assertThat(whole.rows).containsSubsequence(plain);
        }
        assertThat(whole.decoded)
                .isLessThanOrEqualTo(CodedBody.FREE + (1 + CodedBody.RATIO) * (long) body.length + 256 * 1024);
        planted(encoding, body);
    }

    private static void scan(Seen seen, String encoding, byte[] body, int piece) {
        var scan = new GrpcBody(seen::raw, seen, encoding, new CodedBodyFuzz.Counted());
        var clean = 0L;
        for (var at = 0; at < body.length; ) {
            var take = Math.min(piece, body.length - at);
            var bytes = ByteBuffer.wrap(body, at, take).asReadOnlyBuffer();
            scan.feed(bytes);
            at += take;
            assertThat(bytes.hasRemaining()).isFalse();
            assertThat(scan.clean()).isBetween(clean, (long) at);
            clean = scan.clean();
        }
        scan.finish();
        assertThat(scan.clean()).isBetween(clean, (long) body.length);
        seen.findings = List.copyOf(scan.findings());
        if (seen.findings.stream().noneMatch(finding -> finding.action() == Action.Block)) {
            assertThat(scan.clean()).isEqualTo(body.length);
        }
    }

    /** The plain messages that are there as a whole and have something in them, read without any bound. */
    private static List<String> plain(byte[] body) {
        var messages = new ArrayList<String>();
        var in = ByteBuffer.wrap(body);
        while (in.remaining() >= 5) {
            var flags = in.get();
            var length = Integer.toUnsignedLong(in.getInt());
            if (length > in.remaining()) {
                break;
            }
            var message = new byte[(int) length];
            in.get(message);
            if ((flags & 1) == 0 && length > 0 && length <= GrpcBody.LONGEST - 5) {
                messages.add(HexFormat.of().formatHex(message));
            }
        }
        return messages;
    }

    private static void planted(String encoding, byte[] body) {
        var scan = new GrpcBody(
                ScanFuzz.clientMessages(), ScanFuzz.clientMessages(), encoding, new CodedBodyFuzz.Counted());
        scan.feed(ByteBuffer.wrap(body));
        var secret = ScanFuzz.planted();
        scan.feed(ByteBuffer.allocate(5).put((byte) 0).putInt(secret.length).flip());
        scan.feed(ByteBuffer.wrap(secret));
        scan.finish();
        ScanFuzz.assertRefused(scan.findings());
    }

    /** What the scans were shown. */
    private static final class Seen implements MessageScan {
        private final ByteArrayOutputStream raw = new ByteArrayOutputStream();
        private final List<String> rows = new ArrayList<>();
        private long decoded;
        private List<Finding> findings = List.of();

        List<Finding> raw(ByteBuffer piece) {
            assertThat(piece.remaining()).isLessThanOrEqualTo(GrpcBody.COMPRESSED);
            raw.writeBytes(bytes(piece));
            return List.of();
        }

        @Override
        public List<Finding> scan(ByteBuffer message) {
            decoded += message.remaining();
            rows.add(HexFormat.of().formatHex(bytes(message)));
            return List.of();
        }

        private static byte[] bytes(ByteBuffer buffer) {
            var bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        }
    }
}
