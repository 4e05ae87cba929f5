package dev.portcullis.dataplane.firewall.scan.coding;

import static dev.portcullis.dataplane.firewall.scan.coding.ArchiveBodies.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Archives in messages, whole and in pieces. */
class MessageArchivesTest {
    private static MessageArchives open() {
        return new MessageArchives(
                ENGINE.openClientMessages("e.com"), () -> ENGINE.openClientMessages("e.com"), StrictBodies::refused);
    }

    private static List<String> rules(MessageArchives scan, byte[] bytes, int piece) {
        var rules = new ArrayList<String>();
        for (var i = 0; i < bytes.length; i += piece) {
            scan.scan(ByteBuffer.wrap(bytes, i, Math.min(piece, bytes.length - i)))
                    .forEach(finding -> rules.add(finding.rule()));
        }
        return rules;
    }

    @Test
    void aSecretInAnArchiveIsFoundInOneMessageOrMany() {
        var noise = new byte[100_000];
        new Random(3).nextBytes(noise);
        for (var packed : new byte[][] {
            zip(true, secret()),
            Coded.of("gzip", secret()),
            zip(true, noise, secret()),
            ascii("{\"file\":\"" + Base64.getEncoder().encodeToString(zip(true, noise, secret())) + "\"}")
        }) {
            for (var piece : new int[] {100, 4096, packed.length}) {
                assertThat(rules(open(), packed, piece)).contains("github-token");
            }
        }
    }

    @Test
    void theMessageThatCompletesTheSecretIsTheOneThatIsRefused() {
        var packed = Coded.of("gzip", secret());
        var scan = open();
        assertThat(rules(scan, ascii("{\"hello\": true}"), 100)).isEmpty();
        assertThat(rules(scan, packed, packed.length)).isNotEmpty();
    }

    @Test
    void ordinaryMessagesStayCleanAndNothingGrows() {
        var scan = open();
        var packed = zip(true, prose(200, ""));
        for (var i = 0; i < 300; i++) {
            assertThat(rules(scan, packed, 1000)).isEmpty();
            assertThat(rules(scan, ascii("{\"seq\": " + i + "}"), 1000)).isEmpty();
        }
    }

    @Test
    void whatCannotBeUnpackedIsRefusedAndABombIsNotSetOff() {
        var encrypted = zip(true, secret());
        encrypted[6] |= 1;
        assertThat(rules(open(), encrypted, 1000)).contains("unreadable-archive");
        assertThat(rules(open(), zip(true, new byte[64 * 1024 * 1024]), 4096)).contains("coding-ratio");
    }
}
