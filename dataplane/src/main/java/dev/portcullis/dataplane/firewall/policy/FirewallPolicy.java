package dev.portcullis.dataplane.firewall.policy;

import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Mode;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.WebSocketBinary;
import dev.portcullis.crd.v1alpha1.ScanApiSpec.ScanKind;
import dev.portcullis.dataplane.firewall.media.MediaPolicy;
import dev.portcullis.dataplane.firewall.net.UpstreamTls;
import dev.portcullis.dataplane.firewall.scan.AddressRules;
import dev.portcullis.dataplane.firewall.scan.RequestScanner;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import dev.portcullis.dataplane.firewall.tls.InterceptionRules;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A firewall's configuration, compiled. Immutable; read once for each request, so that no request sees two.
 *
 * @param config what it was compiled from
 * @param across what is looked at across requests, or null where that is off
 * @param scanApi who may use the scan API, or null where it is closed
 * @param upstreamTls by which origins are verified; the same object as long as the authorities are the same
 */
public record FirewallPolicy(
        FirewallConfig config,
        RequestScanner scanner,
        AddressRules addresses,
        Limits limits,
        Connect connect,
        InterceptionRules interception,
        UpstreamTls upstreamTls,
        WebSocket webSocket,
        Fetch fetch,
        Map<String, ReverseProxy> reverseProxies,
        Identity identity,
        KillSwitchSources killSwitch,
        @Nullable ScanApi scanApi,
        @Nullable Across across,
        Action dlpAction,
        Action injectionAction,
        MediaPolicy media,
        boolean recordAllowed) {

    /** How hard it is enforced. */
    public Mode mode() {
        return config.spec().mode();
    }

    /** Folders whose files are looked through for secrets. */
    public List<Path> watchedPaths() {
        return config.spec().fileSentry().paths().stream().map(Path::of).toList();
    }

    /** Bounds of every request. Bytes and milliseconds; rates of 0 are unlimited. */
    public record Limits(
            int headerBytes,
            long requestBody,
            long responseBody,
            boolean refuseOversize,
            int requestsPerMinutePerHost,
            int requestsPerMinutePerClient,
            long bytesPerMinutePerHost,
            int connectionsPerClient,
            int tunnels,
            long tunnelLifetimeMillis,
            long idleMillis,
            long headerMillis) {}

    /** Rules for tunnels. */
    public record Connect(boolean enabled, Set<Integer> ports, boolean verifySni) {
        public Connect {
            ports = Set.copyOf(ports);
        }
    }

    /** Rules for WebSocket connections. Bytes and milliseconds. */
    public record WebSocket(
            boolean enabled,
            DomainSet apiHosts,
            int maxMessage,
            int maxConnections,
            long lifetimeMillis,
            long idleMillis,
            WebSocketBinary binary) {}

    /** A server behind a port of the proxy; {@code upstream} is scheme, host and port. */
    public record ReverseProxy(String name, String upstream) {}

    /** Rules for /fetch. */
    public record Fetch(boolean enabled, long timeoutMillis, int maxRedirects) {}

    /**
     * Rules for the scan API.
     *
     * @param requestsPerMinute of each token, 0 for no limit
     */
    public record ScanApi(BearerTokens tokens, int requestsPerMinute, Set<ScanKind> kinds) {
        public ScanApi {
            kinds = Set.copyOf(kinds);
        }
    }

    /**
     * Rules for what several requests give away together.
     *
     * @param action about a secret that was sent in pieces
     * @param bits a client's entropy budget, 0 for none
     * @param fragmentBytes kept of one client
     */
    public record Across(
            Action action, int bits, long bitsNanos, Action bitsAction, int fragmentBytes, long fragmentNanos) {}

    /** Where the agent's name comes from. */
    public record Identity(String header, String defaultAgent) {}

    /**
     * Kill switch sources local to the pod.
     *
     * @param token of the API, or null where there is no API
     * @param sentinel the file, or null for none
     * @param signal whether SIGUSR1 toggles the switch
     * @param exemptClients client networks that are never refused by the kill switch
     */
    public record KillSwitchSources(
            @Nullable BearerToken token, @Nullable Path sentinel, boolean signal, List<ClientNetwork> exemptClients) {
        public KillSwitchSources {
            exemptClients = List.copyOf(exemptClients);
        }
    }
}
