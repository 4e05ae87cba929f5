package dev.portcullis.dataplane.firewall.websocket;

/** Why a connection ends (RFC 6455 section 7.4). */
final class CloseCode {
    static final int NORMAL = 1000;
    static final int GOING_AWAY = 1001;
    static final int PROTOCOL_ERROR = 1002;
    static final int NONE = 1005;
    static final int INVALID_PAYLOAD = 1007;
    static final int POLICY_VIOLATION = 1008;
    static final int TOO_BIG = 1009;

    private CloseCode() {}

    /** True for a code that may stand in a Close frame (RFC 6455 section 7.4.2 and the IANA registry). */
    static boolean maySend(int code) {
        return code >= 3000 && code <= 4999
                || code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    }
}
