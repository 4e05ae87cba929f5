package dev.portcullis.dataplane.firewall.scanapi;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;

/**
 * A finding as the scan API tells it.
 *
 * @param scanner {@code url}, {@code dlp}, {@code prompt_injection}
 * @param encoding how a secret was wrapped, empty for what is no secret
 */
record ScanFinding(String scanner, String ruleId, Severity severity, Action action, String message, String encoding) {

    /** What the URL pipeline found. */
    static ScanFinding inUrl(Finding finding) {
        return switch (finding.scanner()) {
            case DLP, CORE_DLP, SEED_PHRASE, CANARY ->
                of(finding, "url", "DLP-URL-Exfil", Severity.critical, finding.encoding());
            case SSRF -> of(finding, "url", "SSRF-Private-IP", Severity.high, "");
            case DOMAIN -> of(finding, "url", "BLOCK-Domain", Severity.medium, "");
            default -> of(finding, "url", "URL-" + finding.scanner().label(), Severity.medium, "");
        };
    }

    /** What was found in text that would leave. */
    static ScanFinding inText(Finding finding, String where) {
        var wrapped = finding.encoding().equals("plaintext") ? "" : " (" + finding.encoding() + ")";
        return new ScanFinding(
                "dlp",
                "DLP-" + finding.rule(),
                finding.severity(),
                finding.action(),
                finding.rule().equals("scan-work")
                        ? "the " + where + " needs more work to scan than is allowed"
                        : "a secret of class " + finding.rule() + " is in the " + where + wrapped,
                finding.encoding());
    }

    /** What was found in text that a model would read. */
    static ScanFinding inContent(Finding finding, String where) {
        return new ScanFinding(
                "prompt_injection",
                "INJ-" + finding.rule(),
                Severity.high,
                finding.action(),
                finding.rule().equals("scan-work")
                        ? "the " + where + " needs more work to scan than is allowed"
                        : "the " + where + " reads like a prompt injection: " + finding.rule(),
                "");
    }

    private static ScanFinding of(Finding finding, String scanner, String ruleId, Severity severity, String encoding) {
        return new ScanFinding(scanner, ruleId, severity, finding.action(), finding.message(), encoding);
    }
}
