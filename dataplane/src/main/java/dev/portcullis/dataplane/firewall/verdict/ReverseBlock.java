package dev.portcullis.dataplane.firewall.verdict;

import dev.portcullis.dataplane.firewall.scan.RedactionScan;
import dev.portcullis.dataplane.firewall.scan.ScannerName;

/** Why scanning refused a request to a reverse proxy, or its response: values of the label {@code reason}. */
public enum ReverseBlock {
    URL_DLP("url_dlp"),
    HEADER_DLP("header_dlp"),
    DLP("dlp"),
    /** What should be replaced cannot be. */
    REDACTION("redaction"),
    COMPRESSED("compressed"),
    OVERSIZED("oversized"),
    READ_ERROR("read_error"),
    INJECTION("injection"),
    SSE_STREAM("sse_stream"),
    MEDIA_POLICY("media_policy");

    private final String label;

    ReverseBlock(String label) {
        this.label = label;
    }

    /** The value on the wire. */
    public String label() {
        return label;
    }

    /**
     * Why a finding refused.
     *
     * @param eventStream true where the response is a stream of events
     */
    static ReverseBlock of(Place place, ScannerName scanner, String rule, boolean eventStream) {
        if (rule.startsWith(RedactionScan.RULES)) {
            return REDACTION;
        }
        return switch (scanner) {
            case COMPRESSION -> COMPRESSED;
            case LENGTH, RESPONSE_SIZE -> OVERSIZED;
            case MEDIA -> MEDIA_POLICY;
            default ->
                switch (place) {
                    case TARGET -> URL_DLP;
                    case REQUEST_HEADERS -> HEADER_DLP;
                    case REQUEST_BODY, CLIENT_MESSAGE -> DLP;
                    case RESPONSE, SERVER_MESSAGE -> eventStream ? SSE_STREAM : INJECTION;
                };
        };
    }
}
