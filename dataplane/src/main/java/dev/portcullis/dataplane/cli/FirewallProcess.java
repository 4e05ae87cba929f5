package dev.portcullis.dataplane.cli;

import static java.util.stream.Collectors.toMap;

import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.ReverseProxy;
import dev.portcullis.dataplane.admin.RoleView;
import dev.portcullis.dataplane.audit.AuditLog;
import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.config.ConfigUpdater;
import dev.portcullis.dataplane.config.SecretSource;
import dev.portcullis.dataplane.firewall.FirewallPorts;
import dev.portcullis.dataplane.firewall.FirewallRole;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import dev.portcullis.dataplane.firewall.policy.PolicyCompiler;
import dev.portcullis.dataplane.metrics.AuditMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** One firewall with everything it needs around it: registry, audit log, configuration. */
final class FirewallProcess implements RunningRole<FirewallConfig> {
    private final String host;
    private final AuditLog audit;
    private final FirewallRole role;
    private final ConfigUpdater<FirewallConfig, FirewallPolicy> updater;

    /**
     * Opens nothing yet.
     *
     * @param name names its threads and log lines
     * @param ports what to open
     * @param auditStream where the audit log goes
     */
    FirewallProcess(String name, String host, FirewallPorts ports, OutputStream auditStream) {
        this.host = host;
        var registry = new PrometheusRegistry();
        var holder = new ConfigHolder<FirewallPolicy>();
        audit = new AuditLog(auditStream, InstantSource.system(), new AuditMetrics(registry)::dropped);
        role = new FirewallRole(name, host, ports, holder, registry, System::nanoTime, audit);
        updater = new ConfigUpdater<>(holder, new PolicyCompiler(), FirewallConfig::revision);
    }

    /** Opens the proxy port. @throws IOException when it cannot be bound */
    void start() throws IOException {
        role.start();
    }

    ConfigUpdater<FirewallConfig, FirewallPolicy> updater() {
        return updater;
    }

    RoleView view() {
        return role;
    }

    int port() {
        return role.boundPort();
    }

    @Override
    public boolean offer(FirewallConfig config, SecretSource secrets) {
        return updater.offer(config, secrets);
    }

    @Override
    public boolean needsRestart(FirewallConfig config) {
        var wanted = ports(config);
        return wanted.proxy() != role.boundPort()
                || wanted.scanApi() != role.scanApiPort()
                || !wanted.reverseProxies().equals(role.reverseProxyPorts());
    }

    /** What a firewall of {@code config} opens. */
    static FirewallPorts ports(FirewallConfig config) {
        var scanApi = config.spec().scanApi();
        return new FirewallPorts(
                config.spec().port(),
                scanApi != null && scanApi.enabled() ? scanApi.port() : FirewallPorts.NONE,
                config.spec().reverseProxies().stream().collect(toMap(ReverseProxy::name, ReverseProxy::port)));
    }

    @Override
    public List<String> describe(FirewallConfig config) {
        var spec = config.spec();
        var domains = spec.domains();
        var lines = new ArrayList<>(List.of(
                "AgentPolicy " + config.name() + "  mode " + spec.mode(),
                "  proxy    http://" + host + ":" + port() + "   also /health /metrics /stats /status /fetch?url=",
                "  refuses  secrets in what leaves (" + spec.dlp().action() + "), internal addresses, "
                        + domains.block().size() + " blocked domains; reports or refuses injections ("
                        + spec.injection().action() + ")",
                "  stopped  by " + config.killSwitches().size() + " KillSwitch resource(s), the file "
                        + spec.killSwitch().sentinelFile() + (spec.killSwitch().signal() ? ", SIGUSR1" : "")
                        + (spec.killSwitch().api() == null ? "" : ", the API")));
        if (role.scanApiPort() != FirewallPorts.NONE) {
            lines.add("  answers  POST http://" + host + ":" + role.scanApiPort() + "/v1/scan");
        }
        spec.reverseProxies()
                .forEach(proxy ->
                        lines.add("  reverse  http://" + host + ":" + proxy.port() + "   to " + proxy.upstream()));
        return lines;
    }

    @Override
    public List<String> tries(FirewallConfig config) {
        return List.of(
                "curl -x http://" + host + ":" + port()
                        + " \"http://example.com/?key=AKIA$(printf 'Q7ZD%.0s' 1 2 3 4)\"   a request with a secret in it: refused");
    }

    @Override
    public void drain() {
        role.drain();
        audit.close();
    }

    @Override
    public void close() {
        role.close();
        audit.close();
    }
}
