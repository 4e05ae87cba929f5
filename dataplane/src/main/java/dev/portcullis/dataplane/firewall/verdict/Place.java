package dev.portcullis.dataplane.firewall.verdict;

/** Which part of an exchange a finding is about. */
public enum Place {
    /** Method, target, host, resolved address, and what is counted for them. */
    TARGET,
    REQUEST_HEADERS,
    REQUEST_BODY,
    RESPONSE,
    /** A WebSocket message or frame that a client sends. */
    CLIENT_MESSAGE,
    /** A WebSocket message or frame that comes back. */
    SERVER_MESSAGE
}
