package dev.portcullis.dataplane.firewall.verdict;

/** Why a request is refused, and with which status. Closed: every refusal has one of these. */
public enum Reason {
    /** A scan stage found something and the policy says Block. */
    FINDING(403, "blocked"),
    /** A rate, budget or connection limit is used up. */
    LIMIT(429, "limit_exceeded"),
    /** The client took longer than it may (RFC 9110 section 15.5.9). */
    LATE(408, "request_timeout"),
    /** As many connections of this kind as may be are open. */
    CAPACITY(503, "capacity_exceeded"),
    /** The request cannot be read safely (RFC 9112 section 11.2). */
    MALFORMED(400, "malformed_request"),
    /** The request's line is longer than it may be (RFC 9110 section 15.5.15). */
    URI_TOO_LONG(414, "uri_too_long"),
    /** The request's header is larger than it may be (RFC 6585 section 5). */
    HEADER_TOO_LARGE(431, "header_too_large"),
    /** A WebSocket is asked for in a version that is not spoken (RFC 6455 section 4.4, RFC 9110 section 15.5.22). */
    UPGRADE_REQUIRED(426, "upgrade_required"),
    /** The request says that it is in another version than HTTP/1.0 or HTTP/1.1 (RFC 9110 section 15.6.6). */
    OTHER_VERSION(505, "http_version_not_supported"),
    /** A kill switch is engaged. */
    KILL_SWITCH(503, "kill_switch_active"),
    /** No policy was ever received: everything is refused. */
    NO_POLICY(503, "no_policy");

    /** The rule of the finding that a request's line is too long. */
    public static final String LONG_LINE = "request-line-size";
    /** The rule of the finding that a request's header is too large. */
    public static final String LARGE_HEADER = "header-size";
    /** The rule of the finding that a request is in another version of HTTP. */
    public static final String HTTP_VERSION = "http-version";
    /** The rule of the finding that a WebSocket is asked for in another version than 13. */
    public static final String WEBSOCKET_VERSION = "websocket-version";

    private final int status;
    private final String error;

    Reason(int status, String error) {
        this.status = status;
        this.error = error;
    }

    /** Why a request that breaks {@code rule} of the reader is refused. */
    static Reason ofMalformed(String rule) {
        return switch (rule) {
            case LONG_LINE -> URI_TOO_LONG;
            case LARGE_HEADER -> HEADER_TOO_LARGE;
            case HTTP_VERSION -> OTHER_VERSION;
            case WEBSOCKET_VERSION -> UPGRADE_REQUIRED;
            default -> MALFORMED;
        };
    }

    /** HTTP status of the reply. */
    public int status() {
        return status;
    }

    /** Value of the field {@code error}. */
    public String error() {
        return error;
    }
}
