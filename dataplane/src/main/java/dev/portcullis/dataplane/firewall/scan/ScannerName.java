package dev.portcullis.dataplane.firewall.scan;

/** The closed set of values of the label {@code scanner}, of {@code X-Portcullis-Block} and of the field {@code scanner}. */
public enum ScannerName {
    DOMAIN("domain"),
    DLP("dlp"),
    CORE_DLP("core_dlp"),
    PROMPT_INJECTION("prompt_injection"),
    SSRF("ssrf"),
    SCHEME("scheme"),
    CRLF("crlf"),
    PATH_TRAVERSAL("path_traversal"),
    ENTROPY("entropy"),
    SUBDOMAIN_ENTROPY("subdomain_entropy"),
    LENGTH("length"),
    RATELIMIT("ratelimit"),
    DATABUDGET("databudget"),
    ADDRESS("address"),
    SEED_PHRASE("seed_phrase"),
    CANARY("canary"),
    MEDIA("media"),
    RESPONSE_SIZE("response_size"),
    COMPRESSION("compression"),
    CROSS_REQUEST("cross_request"),
    SESSION("session"),
    TOOL_POLICY("tool_policy"),
    TOOL_POISONING("tool_poisoning"),
    TOOL_CHAIN("tool_chain"),
    A2A("a2a"),
    WEBSOCKET("websocket"),
    PARSER("parser");

    private final String label;

    ScannerName(String label) {
        this.label = label;
    }

    /** The value as it appears on the wire. */
    public String label() {
        return label;
    }
}
