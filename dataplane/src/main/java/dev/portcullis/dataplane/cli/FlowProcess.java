package dev.portcullis.dataplane.cli;

import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.dataplane.admin.RoleView;
import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.config.ConfigUpdater;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.flow.CompiledDetector;
import dev.portcullis.dataplane.flow.FlowRole;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One flow detector with everything it needs around it: registry, state, configuration. */
final class FlowProcess implements RunningRole<FlowConfig> {
    private final String host;
    private final FlowRole role;
    private final ConfigUpdater<FlowConfig, CompiledDetector> updater;

    /**
     * Opens nothing yet.
     *
     * @param state where bans are kept over a restart, or null to forget them
     * @throws IOException when the folder cannot be made
     */
    FlowProcess(String host, @Nullable Path state) throws IOException {
        this.host = host;
        var holder = new ConfigHolder<CompiledDetector>();
        var folder = state == null ? Files.createTempDirectory("portcullis-") : Files.createDirectories(state);
        role = new FlowRole(host, holder, new PrometheusRegistry(), InstantSource.system(), folder);
        updater = new ConfigUpdater<>(holder, CompiledDetector::compile, FlowConfig::revision);
    }

    /** Opens the ports of the configuration in force, or of the first that comes. @throws IOException when one cannot be bound */
    void start() throws IOException {
        role.start();
    }

    ConfigUpdater<FlowConfig, CompiledDetector> updater() {
        return updater;
    }

    RoleView view() {
        return role;
    }

    @Override
    public boolean offer(FlowConfig config, SecretSource secrets) {
        return updater.offer(config, secrets);
    }

    @Override
    public boolean needsRestart(FlowConfig config) {
        var spec = config.spec();
        var ipfix = spec.listeners().ipfixTcp();
        return spec.api().port() != role.apiPort()
                || spec.listeners().netflow().port() != role.netflowPort()
                || spec.listeners().sflow().port() != role.sflowPort()
                || (ipfix.enabled() ? ipfix.port() : 0) != role.ipfixTcpPort();
    }

    @Override
    public List<String> describe(FlowConfig config) {
        var spec = config.spec();
        var reference = spec.mitigationPolicyRef();
        var policy = reference == null ? null : config.mitigationPolicies().get(reference.name());
        return List.of(
                "FlowDetector " + config.name() + "  mitigation "
                        + (policy == null ? "none" : policy.method() + (policy.dryRun() ? " (dry run)" : "")),
                "  NetFlow v5, v9, IPFIX  udp " + host + ":" + role.netflowPort() + "   sFlow v5  udp " + host + ":"
                        + role.sflowPort()
                        + (role.ipfixTcpPort() == 0 ? "" : "   IPFIX  tcp " + host + ":" + role.ipfixTcpPort()),
                "  API      http://" + host + ":" + role.apiPort() + "/api/v1   also /metrics /status",
                "  protects " + String.join(", ", spec.networks()));
    }

    @Override
    public List<String> tries(FlowConfig config) {
        var networks = config.spec().networks();
        if (networks.isEmpty()) {
            return List.of();
        }
        var target = networks.getFirst().replaceFirst("/.*", "");
        return List.of("./portcullis flowgen --target " + target + " --to " + host + ":" + role.netflowPort()
                + " && curl http://" + host + ":" + role.apiPort()
                + "/api/v1/attacks   a flood against what it protects, and the attack that was seen");
    }

    @Override
    public void drain() {
        role.drain();
    }

    @Override
    public void close() {
        role.close();
    }
}
