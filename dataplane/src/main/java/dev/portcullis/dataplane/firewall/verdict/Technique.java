package dev.portcullis.dataplane.firewall.verdict;

import dev.portcullis.dataplane.firewall.scan.ScannerName;

/** The MITRE ATT&CK technique that a stage's findings point at, for the audit log. */
public final class Technique {
    private Technique() {}

    /** Its id, or an empty string. */
    public static String of(ScannerName scanner) {
        return switch (scanner) {
            case DLP, CORE_DLP, ENTROPY, SUBDOMAIN_ENTROPY, LENGTH, SEED_PHRASE, CANARY, CROSS_REQUEST -> "T1048";
            case RATELIMIT, DATABUDGET -> "T1030";
            case SSRF -> "T1046";
            case CRLF, PARSER -> "T1190";
            case PATH_TRAVERSAL -> "T1083";
            case DOMAIN, SCHEME -> "T1071.001";
            case PROMPT_INJECTION, TOOL_POLICY, TOOL_CHAIN, A2A -> "T1059";
            case SESSION -> "T1078";
            case TOOL_POISONING -> "T1195.002";
            case ADDRESS, MEDIA, RESPONSE_SIZE, COMPRESSION, WEBSOCKET -> "";
        };
    }
}
