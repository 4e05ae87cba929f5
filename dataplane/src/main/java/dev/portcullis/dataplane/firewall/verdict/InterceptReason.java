package dev.portcullis.dataplane.firewall.verdict;

import dev.portcullis.dataplane.firewall.scan.RedactionScan;
import dev.portcullis.dataplane.firewall.scan.ScannerName;

/**
 * Why a request or a response inside an intercepted tunnel is refused: the closed set of values of the label {@code reason}
 * of pipelock_tls_request_blocked_total and pipelock_tls_response_blocked_total.
 */
public enum InterceptReason {
    /** The request is for another host than its tunnel. */
    AUTHORITY_MISMATCH("authority_mismatch", true),
    /** The target: its text, its lists, its rate, where it leads to. */
    URL_SCAN("url_scan", true),
    HEADER_DLP("header_dlp", true),
    BODY_DLP("body_dlp", true),
    /** What should be replaced in its body cannot be. */
    REDACTION("redaction", true),
    ADDRESS_PROTECTION("address_protection", true),
    CROSS_REQUEST("cross_request", true),
    SESSION_DENY("session_deny", true),
    A2A_REQUEST("a2a_scan", true),

    /** It is compressed in a way that cannot be scanned. */
    COMPRESSED("compressed", false),
    /** It broke off or is not HTTP. */
    READ_ERROR("read_error", false),
    OVERSIZED("oversized", false),
    INJECTION("injection", false),
    /** An event of a stream of them; those before it have passed. */
    SSE_STREAM("sse_stream", false),
    MEDIA_POLICY("media_policy", false),
    A2A_RESPONSE("a2a_scan", false);

    /** The rule of the finding that a request is for another host than its tunnel. */
    public static final String OTHER_AUTHORITY = "authority-mismatch";

    private final String label;
    private final boolean request;

    InterceptReason(String label, boolean request) {
        this.label = label;
        this.request = request;
    }

    /** The value on the wire. */
    public String label() {
        return label;
    }

    /** True for a request, false for a response. */
    public boolean request() {
        return request;
    }

    /**
     * The reason for a refusal by {@code scanner} and {@code rule} for what was found at {@code place}.
     *
     * @param eventStream true where the response is a stream of events
     */
    static InterceptReason of(Place place, ScannerName scanner, String rule, boolean eventStream) {
        return place == Place.RESPONSE
                ? switch (scanner) {
                    case COMPRESSION -> COMPRESSED;
                    case RESPONSE_SIZE, LENGTH -> OVERSIZED;
                    case MEDIA -> MEDIA_POLICY;
                    case A2A -> A2A_RESPONSE;
                    default -> eventStream ? SSE_STREAM : INJECTION;
                }
                : switch (scanner) {
                    case ADDRESS -> ADDRESS_PROTECTION;
                    case CROSS_REQUEST -> CROSS_REQUEST;
                    case SESSION -> SESSION_DENY;
                    case A2A -> A2A_REQUEST;
                    default ->
                        switch (place) {
                            case REQUEST_HEADERS -> HEADER_DLP;
                            case REQUEST_BODY -> rule.startsWith(RedactionScan.RULES) ? REDACTION : BODY_DLP;
                            default -> rule.equals(OTHER_AUTHORITY) ? AUTHORITY_MISMATCH : URL_SCAN;
                        };
                };
    }
}
