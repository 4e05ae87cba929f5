package dev.portcullis.dataplane.firewall.scan.evasion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import dev.portcullis.dataplane.firewall.scan.TestPolicies;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every transformation of every secret is found, or refused with the reason why it could not be read. */
class EvasionTest {
    private static final ScanEngine ENGINE = TestPolicies.engine("");

    @Test
    void theCorpusIsLarge() {
        assertThat(Transformation.values()).hasSizeGreaterThanOrEqualTo(60);
        assertThat(Transformation.values().length * Secrets.ALL.size()).isGreaterThanOrEqualTo(1000);
    }

    @ParameterizedTest
    @EnumSource(
            value = Transformation.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {
                "GZIP",
                "GZIP_WITHOUT_LABEL",
                "GZIP_IN_GZIP",
                "GZIP_IN_GZIP_IN_GZIP",
                "GZIP_LABELLED_TWICE",
                "ZIP",
                "UNKNOWN_CODING",
                "BROKEN_GZIP"
            })
    void everySecretIsFoundOrItsCarrierRefused(Transformation transformation) {
        var missed = new ArrayList<String>();
        Secrets.ALL.forEach((rule, secret) -> {
            var findings = scan(transformation.of(secret));
            var caught = findings.stream()
                    .anyMatch(finding -> finding.action() == Action.Block && explains(transformation, finding, rule));
            if (!caught) {
                missed.add(rule + " " + findings.stream().map(Finding::rule).toList());
            }
        });
        assertThat(missed).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Transformation.class,
            names = {"WEBSOCKET_MESSAGES", "WEBSOCKET_JSON_MESSAGES", "SERVER_SENT_EVENTS", "CHUNKS_OF_ONE_BYTE"})
    void secretsSplitOverMessagesAreFoundByTheScanOfMessages(Transformation transformation) {
        Secrets.ALL.forEach((rule, secret) -> {
            var messages = ENGINE.openClientMessages("origin.test");
            var rules = new ArrayList<String>();
            for (var part : transformation.of(secret).parts()) {
                messages.scan(ByteBuffer.wrap(part)).forEach(finding -> rules.add(finding.rule()));
            }
            assertThat(rules).as(rule).isNotEmpty();
        });
    }

    /** Where the secret ends up in another class, because its disguise is one, that is as good. */
    private static boolean explains(Transformation transformation, Finding finding, String rule) {
        if (!transformation.refusedBy().isEmpty()) {
            return finding.scanner().label().equals(transformation.refusedBy());
        }
        return finding.rule().equals(rule)
                || finding.scanner().label().endsWith("dlp")
                || finding.rule().equals("scan-work");
    }

    /** Content codings are undone by the transport: see EvasionOverSocketTest. */
    static List<Finding> scan(Sample sample) {
        var findings = new ArrayList<>(ENGINE.scanUrl(sample.url(), false));
        findings.addAll(ENGINE.scanHeaders(sample.headers().entrySet(), "origin.test"));
        if (sample.hasBody()) {
            var body = ENGINE.openRequestBody(sample.contentType(), "origin.test");
            for (var part : sample.parts()) {
                body.feed(ByteBuffer.wrap(part));
            }
            body.finish();
            findings.addAll(body.findings());
        }
        return findings;
    }
}
