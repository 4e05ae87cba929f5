package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import org.jspecify.annotations.Nullable;

/** Refuses URLs longer than {@code limits.urlLength}. Runs on the text, before anything reads it. */
final class LengthStage {
    private final int longest;

    LengthStage(int longest) {
        this.longest = longest;
    }

    @Nullable
    Finding judge(String url) {
        if (url.length() <= longest) {
            return null;
        }
        return Refusal.of(
                ScannerName.LENGTH,
                "url-length",
                Severity.medium,
                "url",
                "the URL has " + url.length() + " bytes, the policy allows " + longest,
                "spec.limits.urlLength: " + Math.min(65536, url.length()));
    }
}
