package dev.portcullis.dataplane.firewall.verdict;

import dev.portcullis.dataplane.firewall.scan.RedactionScan;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import org.jspecify.annotations.Nullable;

/** Why scanning refused a request to a reverse proxy, or its response: values of the label {@code reason}. */
public enum ReverseBlock {
    URL_DLP("url_dlp", true, false),
    HEADER_DLP("header_dlp", true, false),
    DLP("dlp", true, false),
    /** What should be replaced cannot be. */
    REDACTION("redaction", true, false),
    COMPRESSED("compressed", true, true),
    OVERSIZED("oversized", true, true),
    /** The response broke off. */
    READ_ERROR("read_error", false, true),
    INJECTION("injection", false, true),
    SSE_STREAM("sse_stream", false, true),
    MEDIA_POLICY("media_policy", false, true);

    private final String label;
    private final boolean request;
    private final boolean response;

    ReverseBlock(String label, boolean request, boolean response) {
        this.label = label;
        this.request = request;
        this.response = response;
    }

    /** True where a request can be refused for it. */
    public boolean request() {
        return request;
    }

    /** True where a response can be refused for it. */
    public boolean response() {
        return response;
    }

    /** The value on the wire. */
    public String label() {
        return label;
    }

    /**
     * Why a finding refused; null where it was no scan that refused but a limit, a list, or the reader of the protocol.
     *
     * @param eventStream true where the response is a stream of events
     */
    static @Nullable ReverseBlock of(Place place, ScannerName scanner, String rule, boolean eventStream) {
        if (rule.startsWith(RedactionScan.RULES)) {
            return REDACTION;
        }
        return switch (scanner) {
            case PARSER, RATELIMIT, DATABUDGET, WEBSOCKET, DOMAIN -> null;
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
