package dev.portcullis.dataplane.firewall.scan.coding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import dev.portcullis.dataplane.firewall.scan.TestPolicies;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Archives of a secret and of ordinary text, and their scan under the rules of a real policy. */
final class ArchiveBodies {
    private ArchiveBodies() {}

    static final String TOKEN = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG3hJ6";
    static final ScanEngine ENGINE = TestPolicies.engine("dlp: {action: Block}");

    private record Direction(Action action, long limit) implements StrictBodies {
        @Override
        public BodyScan plain() {
            return ENGINE.openRequestBody("application/octet-stream", "e.com");
        }
    }

    /** What was found: its rules, what it says, and how much could go on. */
    record Seen(List<String> rules, List<String> messages, long clean) {}

    static CodedBody open(Action action, long limit, String... codings) {
        return new CodedBody(List.of(codings), new Direction(action, limit));
    }

    static Seen seen(byte[] bytes, int piece, Action action, String... codings) {
        try (var body = open(action, Long.MAX_VALUE, codings)) {
            for (var i = 0; i < bytes.length; i += piece) {
                body.feed(ByteBuffer.wrap(bytes, i, Math.min(piece, bytes.length - i)));
            }
            body.finish();
            return new Seen(
                    body.findings().stream().map(Finding::rule).distinct().toList(),
                    body.findings().stream().map(Finding::message).toList(),
                    body.clean());
        }
    }

    static void assertFound(byte[] bytes, String... codings) {
        for (var piece : new int[] {1, 7, 1000, bytes.length}) {
            var seen = seen(bytes, piece, Action.Block, codings);
            assertThat(seen.rules()).as("by %d", piece).containsExactly("github-token");
            assertThat(seen.clean()).as("by %d", piece).isLessThan(bytes.length);
        }
    }

    static void assertClean(byte[] bytes) {
        for (var piece : new int[] {1, 7, 1000, bytes.length}) {
            var seen = seen(bytes, piece, Action.Block);
            assertThat(seen.messages()).as("by %d", piece).isEmpty();
            assertThat(seen.clean()).as("by %d", piece).isEqualTo(bytes.length);
        }
    }

    static byte[] zip(boolean deflated, byte[]... entries) {
        var packed = new ByteArrayOutputStream();
        try (var out = new ZipOutputStream(packed)) {
            for (var i = 0; i < entries.length; i++) {
                var entry = new ZipEntry("folder/entry-" + i + ".txt");
                if (!deflated) {
                    var crc = new CRC32();
                    crc.update(entries[i]);
                    entry.setMethod(ZipEntry.STORED);
                    entry.setSize(entries[i].length);
                    entry.setCrc(crc.getValue());
                }
                out.putNextEntry(entry);
                out.write(entries[i]);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return packed.toByteArray();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] prose(int lines, String end) {
        var text = new StringBuilder();
        for (var i = 0; i < lines; i++) {
            text.append("line ").append(i * 7919L).append(" of an ordinary text\n");
        }
        return ascii(text.append(end).toString());
    }

    static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] secret() {
        return prose(20, "token: " + TOKEN + "\n");
    }
}
