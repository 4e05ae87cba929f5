package dev.portcullis.dataplane.firewall.verdict;

import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;

/**
 * What a refusal's hint says where the stage that refused has no YAML that would allow it: what to do instead, as a comment of
 * YAML, or the mode in which it would only be reported. Never empty.
 */
final class Remedy {
    private static final String NEVER = "# no policy can allow it: ";

    private Remedy() {}

    /** The hint of a refusal for {@code finding}: its own where it has one. */
    static String of(Finding finding) {
        return finding.hint().isEmpty() ? of(finding.scanner(), finding.rule()) : finding.hint();
    }

    private static String of(ScannerName scanner, String rule) {
        return switch (scanner) {
            case PARSER ->
                switch (Reason.ofMalformed(rule)) {
                    case URI_TOO_LONG, HEADER_TOO_LARGE -> "limits:\n  headerBytes: 256Ki  # or send less";
                    case OTHER_VERSION -> NEVER + "speak HTTP/1.1 to this port";
                    case UPGRADE_REQUIRED -> NEVER + "ask for version 13 of WebSocket, as RFC 6455 has it";
                    default -> NEVER + "it could be read in two ways; send it as RFC 9110 and RFC 9112 say";
                };
            case SSRF -> NEVER + "cloud metadata gives away credentials; give the agent its own in a Secret";
            case SCHEME -> NEVER + "ask for an http or https URL";
            case CRLF -> NEVER + "take the line break out of the URL, or send the text in a body";
            case PATH_TRAVERSAL -> NEVER + "ask for the path that is meant, without '..'";
            case COMPRESSION ->
                "# send or ask for it uncompressed (Accept-Encoding: identity), or in gzip, deflate, br or zstd";
            case MEDIA -> "# ask for the image itself, uncompressed, in a format of spec.media.images";
            case WEBSOCKET -> NEVER + "both ends have to speak RFC 6455";
            case DOMAIN -> NEVER + "open a tunnel to the host that the request is for";
            case RATELIMIT -> "# try again when others have ended";
            case DLP, CORE_DLP ->
                "# send it in fewer layers of encoding, or:\nmode: Audit  # reports what it would refuse";
            case PROMPT_INJECTION,
                    ENTROPY,
                    SUBDOMAIN_ENTROPY,
                    LENGTH,
                    DATABUDGET,
                    ADDRESS,
                    SEED_PHRASE,
                    CANARY,
                    RESPONSE_SIZE,
                    CROSS_REQUEST,
                    SESSION,
                    TOOL_POLICY,
                    TOOL_POISONING,
                    TOOL_CHAIN,
                    A2A -> "mode: Audit  # reports what it would refuse";
        };
    }

    /** The hint while a kill switch is engaged by {@code source}. */
    static String killSwitch(String source) {
        return NEVER + "ask who engaged the kill switch to release it ("
                + switch (source) {
                    case "config" -> "spec.engaged of the KillSwitch resource";
                    case "api" -> "POST {\"active\": false} to /api/v1/killswitch, with its token";
                    case "signal" -> "SIGUSR1 once more";
                    default -> "the sentinel file has to go";
                }
                + ")";
    }

    /** The hint while there is no policy. */
    static String noPolicy() {
        return "# apply an AgentPolicy whose condition Accepted is True; portcullis status and kubectl describe say what is wrong"
                + " with one that is not";
    }
}
