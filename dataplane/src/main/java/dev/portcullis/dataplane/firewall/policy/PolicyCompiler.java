package dev.portcullis.dataplane.firewall.policy;

import static java.util.stream.Collectors.toMap;

import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.CrossRequestSpec;
import dev.portcullis.crd.v1alpha1.LimitsSpec;
import dev.portcullis.crd.v1alpha1.LimitsSpec.OnOversize;
import dev.portcullis.crd.v1alpha1.ScanApiSpec;
import dev.portcullis.crd.v1alpha1.SecretKeyRef;
import dev.portcullis.dataplane.config.ConfigCompiler;
import dev.portcullis.dataplane.config.ConfigRefusedException;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.firewall.media.MediaPolicy;
import dev.portcullis.dataplane.firewall.scan.KnownValue;
import dev.portcullis.dataplane.firewall.scan.address.DomainSet;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Compiles a resolved configuration and the secrets it refers to into a {@link FirewallPolicy}. One thread at a time; not an event loop. */
public final class PolicyCompiler implements ConfigCompiler<FirewallConfig, FirewallPolicy> {
    private final ScanCompiler scans;
    private final TlsCompiler tls;

    /** A compiler with the scan stages of this build. */
    public PolicyCompiler() {
        this(ScanCompiler.standard());
    }

    public PolicyCompiler(ScanCompiler scans) {
        this(scans, InstantSource.system());
    }

    /**
     * A compiler.
     *
     * @param clock by which an authority is valid or not
     */
    public PolicyCompiler(ScanCompiler scans, InstantSource clock) {
        this.scans = scans;
        this.tls = new TlsCompiler(clock);
    }

    /**
     * Compiles {@code config}.
     *
     * @throws ConfigRefusedException with everything that is wrong: a missing or short secret, a rule that does not compile
     */
    @Override
    public FirewallPolicy compile(FirewallConfig config, SecretSource secrets) throws ConfigRefusedException {
        var problems = new ArrayList<String>();
        if (config.schemaVersion() > FirewallConfig.SCHEMA_VERSION) {
            throw new ConfigRefusedException(List.of("The configuration has schema version " + config.schemaVersion()
                    + " and this build reads up to " + FirewallConfig.SCHEMA_VERSION + ": update the proxy image."));
        }
        var spec = config.spec();
        var known = new ArrayList<KnownValue>();
        for (var i = 0; i < spec.dlp().known().size(); i++) {
            var ref = spec.dlp().known().get(i).secretKeyRef();
            var value = secret(secrets, ref, "spec.dlp.known[" + i + "].secretKeyRef", KnownValue.SHORTEST, problems);
            if (value != null) {
                known.add(new KnownValue(ref.name() + "/" + ref.key(), value));
            }
        }
        for (var i = 0; i < spec.dlp().canaries().size(); i++) {
            var canary = spec.dlp().canaries().get(i);
            var value = secret(
                    secrets,
                    canary.secretKeyRef(),
                    "spec.dlp.canaries[" + i + "].secretKeyRef",
                    KnownValue.SHORTEST,
                    problems);
            if (value != null) {
                known.add(new KnownValue(canary.name(), value, true));
            }
        }
        var interception = tls.interception(config, secrets, problems);
        var upstreamTls = tls.trust(config, problems);
        var killSwitch = killSwitch(spec.killSwitch(), secrets, problems);
        var scanApi = scanApi(spec.scanApi(), secrets, problems);
        var stages = compiled(() -> scans.compile(spec, known), problems);
        var limits = compiled(() -> limits(spec.limits()), problems);
        var webSocket = compiled(() -> webSocket(spec.webSocket()), problems);
        if (!problems.isEmpty() || stages == null || limits == null || webSocket == null) {
            throw new ConfigRefusedException(problems);
        }
        return new FirewallPolicy(
                config,
                stages.scanner(),
                stages.addresses(),
                limits,
                new FirewallPolicy.Connect(
                        spec.connect().enabled(),
                        new LinkedHashSet<>(spec.connect().ports()),
                        spec.connect().verifySni()),
                interception,
                upstreamTls,
                webSocket,
                new FirewallPolicy.Fetch(
                        spec.fetch().enabled(),
                        spec.fetch().timeout().toMillis(),
                        spec.fetch().maxRedirects()),
                spec.reverseProxies().stream()
                        .collect(toMap(
                                AgentPolicySpec.ReverseProxy::name,
                                proxy -> new FirewallPolicy.ReverseProxy(proxy.name(), proxy.upstream()))),
                new FirewallPolicy.Identity(
                        spec.identity().header(), spec.identity().defaultAgent()),
                killSwitch,
                scanApi,
                across(spec.crossRequest()),
                spec.dlp().action(),
                spec.injection().action(),
                MediaPolicy.of(spec.media(), spec.mode()),
                spec.audit().includeAllowed());
    }

    private static FirewallPolicy.@Nullable Across across(CrossRequestSpec spec) {
        return spec.enabled()
                ? new FirewallPolicy.Across(
                        spec.action(),
                        spec.entropyBudget().bits(),
                        spec.entropyBudget().window().toMillis() * 1_000_000,
                        spec.entropyBudget().action(),
                        Quantity.getAmountInBytes(spec.fragments().bytes()).intValue(),
                        spec.fragments().window().toMillis() * 1_000_000)
                : null;
    }

    private static FirewallPolicy.@Nullable ScanApi scanApi(
            @Nullable ScanApiSpec spec, SecretSource secrets, List<String> problems) {
        if (spec == null || !spec.enabled()) {
            return null;
        }
        var path = "spec.scanApi.tokenSecretRef";
        var value = secret(secrets, spec.tokenSecretRef(), path, BearerToken.SHORTEST, problems);
        var tokens = value == null
                ? null
                : compiled(
                        () -> {
                            try {
                                return new BearerTokens(value);
                            } catch (IllegalArgumentException e) {
                                throw new IllegalArgumentException(path + ": " + e.getMessage() + ".", e);
                            }
                        },
                        problems);
        return tokens == null
                ? null
                : new FirewallPolicy.ScanApi(tokens, spec.requestsPerMinute(), new LinkedHashSet<>(spec.kinds()));
    }

    private static FirewallPolicy.KillSwitchSources killSwitch(
            AgentPolicySpec.KillSwitchSources sources, SecretSource secrets, List<String> problems) {
        BearerToken token = null;
        if (sources.api() != null) {
            var value = secret(
                    secrets,
                    sources.api().tokenSecretRef(),
                    "spec.killSwitch.api.tokenSecretRef",
                    BearerToken.SHORTEST,
                    problems);
            token = value == null ? null : new BearerToken(value);
        }
        Path sentinel = null;
        try {
            sentinel = sources.sentinelFile().isBlank() ? null : Path.of(sources.sentinelFile());
        } catch (InvalidPathException e) {
            problems.add("spec.killSwitch.sentinelFile: '" + sources.sentinelFile() + "' is not a path: "
                    + e.getReason() + ".");
        }
        var exempt = new ArrayList<ClientNetwork>();
        for (var i = 0; i < sources.exemptClientCidrs().size(); i++) {
            try {
                exempt.add(new ClientNetwork(sources.exemptClientCidrs().get(i)));
            } catch (IllegalArgumentException e) {
                problems.add("spec.killSwitch.exemptClientCidrs[" + i + "]: " + e.getMessage() + ".");
            }
        }
        return new FirewallPolicy.KillSwitchSources(token, sentinel, sources.signal(), exempt);
    }

    private static FirewallPolicy.Limits limits(LimitsSpec limits) {
        return new FirewallPolicy.Limits(
                (int) bytes(limits.headerBytes(), "spec.limits.headerBytes", 1 << 20),
                bytes(limits.requestBody(), "spec.limits.requestBody", Long.MAX_VALUE),
                bytes(limits.responseBody(), "spec.limits.responseBody", Long.MAX_VALUE),
                limits.onOversize() == OnOversize.Refuse,
                limits.requestsPerMinutePerHost(),
                limits.requestsPerMinutePerClient(),
                Quantity.getAmountInBytes(limits.bytesPerMinutePerHost()).longValue(),
                limits.connectionsPerClient(),
                limits.tunnels(),
                limits.tunnelLifetime().toMillis(),
                limits.idleTimeout().toMillis(),
                limits.headerTimeout().toMillis());
    }

    private static FirewallPolicy.WebSocket webSocket(AgentPolicySpec.WebSocket settings) {
        return new FirewallPolicy.WebSocket(
                settings.enabled(),
                new DomainSet(settings.apiHosts()),
                (int) bytes(settings.maxMessage(), "spec.webSocket.maxMessage", 1 << 30),
                settings.maxConnections(),
                settings.lifetime().toMillis(),
                settings.idleTimeout().toMillis(),
                settings.binary());
    }

    private static long bytes(Quantity quantity, String path, long largest) {
        BigDecimal bytes = Quantity.getAmountInBytes(quantity);
        if (bytes.signum() <= 0 || bytes.compareTo(BigDecimal.valueOf(largest)) > 0) {
            throw new IllegalArgumentException(
                    path + ": " + quantity + " is out of range: write 1 to " + largest + " bytes, such as 64Ki.");
        }
        return bytes.longValue();
    }

    private static <T> @Nullable T compiled(Supplier<T> part, List<String> problems) {
        try {
            return part.get();
        } catch (IllegalArgumentException e) {
            problems.add(e.getMessage() == null ? e.toString() : e.getMessage());
            return null;
        }
    }

    private static byte @Nullable [] secret(
            SecretSource secrets, SecretKeyRef ref, String path, int shortest, List<String> problems) {
        var value = secrets.read(ref).orElse(null);
        if (value == null) {
            problems.add(path + ": Secret '" + ref.name() + "' with key '" + ref.key()
                    + "' does not exist: create it or change the reference.");
            return null;
        }
        value = withoutLineEnd(value);
        if (value.length < shortest) {
            problems.add(path + ": the value under key '" + ref.key() + "' of Secret '" + ref.name()
                    + "' is shorter than " + shortest + " bytes: store a longer one.");
            return null;
        }
        return value;
    }

    /** Files and editors end a line; the secret does not. */
    private static byte[] withoutLineEnd(byte[] value) {
        var length = value.length;
        while (length > 0 && (value[length - 1] == '\n' || value[length - 1] == '\r')) {
            length--;
        }
        return Arrays.copyOf(value, length);
    }
}
