package dev.portcullis.dataplane.firewall.scanapi;

import dev.portcullis.dataplane.audit.AuditEvent;
import dev.portcullis.dataplane.audit.AuditEvent.Level;
import java.util.List;

/** The audit event of a call that was answered. */
final class ScanRecord {
    private ScanRecord() {}

    /** True where something was found in one of {@code results}. */
    static boolean found(List<ScanReply.Result> results) {
        for (var result : results) {
            if (!result.findings().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    static AuditEvent of(String clientIp, ScanRequest asked, ScanRun run, String scanId, long millis) {
        var results = run.results();
        var rules = results.stream()
                .flatMap(result -> result.findings().stream())
                .map(ScanFinding::ruleId)
                .distinct()
                .limit(InputScan.FINDINGS)
                .toList();
        var deny = results.stream().anyMatch(ScanReply.Result::deny);
        return new AuditEvent(rules.isEmpty() ? Level.INFO : Level.WARN, "scan_api", "scan API answered")
                .with("client_ip", clientIp)
                .with("request_id", asked.requestId())
                .with("scan_id", scanId)
                .with("session", asked.sessionId())
                .with("agent", asked.agentName())
                .with("action", deny ? "deny" : "allow")
                .with("would_block", run.wouldDeny() ? "scan_api" : null)
                .with("inputs", results.size())
                .with("rules", rules.isEmpty() ? null : rules)
                .with("duration_ms", millis);
    }
}
