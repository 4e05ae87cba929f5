package dev.portcullis.dataplane.firewall.scanapi;

/** Why a call was not scanned to its end: the closed set of codes in {@code errors[].code} and of the label {@code error_code}. */
enum ScanError {
    METHOD_NOT_ALLOWED("method_not_allowed", 405, false),
    CONFIG_UNAVAILABLE("config_unavailable", 500, true),
    SCAN_UNAVAILABLE("scan_unavailable", 503, true),
    UNAUTHORIZED("unauthorized", 401, false),
    RATE_LIMITED("rate_limited", 429, true),
    KILL_SWITCH_ACTIVE("kill_switch_active", 503, false),
    READ_ERROR("read_error", 400, false),
    BODY_TOO_LARGE("body_too_large", 400, false),
    INVALID_JSON("invalid_json", 400, false),
    INVALID_KIND("invalid_kind", 400, false),
    KIND_DISABLED("kind_disabled", 400, false),
    INVALID_INPUT("invalid_input", 400, false),
    SCAN_DEADLINE_EXCEEDED("scan_deadline_exceeded", 503, true),
    REQUEST_CANCELED("request_canceled", 500, false),
    INTERNAL_ERROR("internal_error", 500, false);

    private final String code;
    private final int status;
    private final boolean retryable;

    ScanError(String code, int status, boolean retryable) {
        this.code = code;
        this.status = status;
        this.retryable = retryable;
    }

    /** The value on the wire. */
    String code() {
        return code;
    }

    /** HTTP status of the answer. */
    int status() {
        return status;
    }

    /** True where the same call may succeed a little later. */
    boolean retryable() {
        return retryable;
    }
}
