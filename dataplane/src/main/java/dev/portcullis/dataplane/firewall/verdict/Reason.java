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
    /** A kill switch is engaged. */
    KILL_SWITCH(503, "kill_switch_active"),
    /** No policy was ever received: everything is refused. */
    NO_POLICY(503, "no_policy");

    private final int status;
    private final String error;

    Reason(int status, String error) {
        this.status = status;
        this.error = error;
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
