package dev.portcullis.dataplane.firewall.verdict;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one request while it is judged. Belongs to one event loop. The URL it keeps for the log loses its user
 * information at once and its path and query when a finding is in them.
 */
public final class Subject {
    private final String requestId;
    private final String clientIp;
    private final Endpoint endpoint;
    private final long startedNanos;
    private String method = "";
    private String url = "";
    private String host = "";
    private String agent = "";
    private boolean agentCounted;
    private @Nullable String wouldBlock;
    private long unscannedBytes;
    private @Nullable String leadsInside;
    private boolean webSocket;
    private boolean eventStream;
    private String route = "";

    /**
     * Begins a request.
     *
     * @param startedNanos reading of the nano clock when its head was complete
     */
    public Subject(String requestId, String clientIp, Endpoint endpoint, long startedNanos) {
        this.requestId = requestId;
        this.clientIp = clientIp;
        this.endpoint = endpoint;
        this.startedNanos = startedNanos;
    }

    /** Says what is asked for. */
    public void target(String method, String url, String host) {
        this.method = method;
        this.url = url;
        this.host = host.toLowerCase(Locale.ROOT);
        this.leadsInside = null;
    }

    /**
     * True where it was told before by {@code rule} that the target leads inside: a host that is an address is judged as it
     * is written, and once more as what is connected to.
     */
    boolean leadsInsideAgain(String rule) {
        var again = rule.equals(leadsInside);
        leadsInside = rule;
        return again;
    }

    /**
     * Says who asks.
     *
     * @param counted whether /stats counts it by name
     */
    public void agent(String name, boolean counted) {
        this.agent = name;
        this.agentCounted = counted;
    }

    /** Cuts the URL kept for the log down to scheme and host. */
    void redactUrl() {
        url = origin(url) + "/[redacted]";
    }

    /** Remembers which stage would have refused. The first one stays. */
    void wouldBlock(String scanner) {
        if (wouldBlock == null) {
            wouldBlock = scanner;
        }
    }

    /** Names the route, where the policy gives it a name. */
    public void route(String name) {
        route = name;
    }

    /** The route as the label {@code endpoint} has it. */
    String route() {
        return route.isEmpty() ? endpoint.label() : route;
    }

    /** How it came in. */
    Transport transport() {
        return webSocket && endpoint != Endpoint.REVERSE_PROXY ? Transport.WEBSOCKET : endpoint.transport();
    }

    /** Says whether the response is a stream of events. */
    public void eventStream(boolean is) {
        eventStream = is;
    }

    /** True where the response is a stream of events. */
    boolean isEventStream() {
        return eventStream;
    }

    /** Says that a WebSocket is asked for, which families of its own count. */
    public void asWebSocket() {
        webSocket = true;
    }

    /** True where a WebSocket is asked for. */
    boolean isWebSocket() {
        return webSocket;
    }

    /** Adds to the bytes that passed without being scanned, because they lie beyond a limit or cannot be decoded. */
    public void unscanned(long bytes) {
        unscannedBytes += bytes;
    }

    public String requestId() {
        return requestId;
    }

    public String clientIp() {
        return clientIp;
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    public long startedNanos() {
        return startedNanos;
    }

    public String method() {
        return method;
    }

    /** The URL as it may be logged. */
    public String url() {
        return url;
    }

    /** Host asked for, in lower case. */
    public String host() {
        return host;
    }

    /** Name of the agent, empty before it is known. */
    public String agent() {
        return agent;
    }

    /** Name of the agent as /stats counts it: empty where nobody was named. */
    public String countedAgent() {
        return agentCounted ? agent : "";
    }

    /** The stage that would have refused in another mode than Audit, or null. */
    public @Nullable String wouldBlock() {
        return wouldBlock;
    }

    /** Bytes of bodies that passed without being scanned. */
    public long unscannedBytes() {
        return unscannedBytes;
    }

    private static String origin(String url) {
        var authority = url.indexOf("://");
        if (authority < 0) {
            return "";
        }
        for (var i = authority + 3; i < url.length(); i++) {
            var c = url.charAt(i);
            if (c == '/' || c == '?' || c == '#') {
                return url.substring(0, i);
            }
        }
        return url;
    }
}
