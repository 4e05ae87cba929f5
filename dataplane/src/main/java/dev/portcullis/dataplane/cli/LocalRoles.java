package dev.portcullis.dataplane.cli;

import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.dataplane.config.LocalFiles.Loaded;
import dev.portcullis.dataplane.config.SecretSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The firewalls and detectors that {@code run} has going, kept in step with the files: a new resource is started, a changed
 * one takes over its configuration, one whose ports changed is started anew, one that is gone is drained. Used by one
 * thread at a time.
 */
final class LocalRoles implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LocalRoles.class);

    private final String host;
    private final @Nullable Path state;
    private final OutputStream audit;
    private final LocalAuthority authority;
    private final Map<ResourceId, FirewallProcess> firewalls = new TreeMap<>();
    private final Map<ResourceId, FlowProcess> flows = new TreeMap<>();

    /**
     * @param host address every listener binds to
     * @param state where detectors keep their bans and firewalls the authority they make, or null to forget bans at the end
     *     and keep the authority in the user's state folder
     * @param audit where the audit logs go
     */
    LocalRoles(String host, @Nullable Path state, OutputStream audit) {
        this.host = host;
        this.state = state;
        this.audit = audit;
        this.authority = new LocalAuthority(
                state != null
                        ? state
                        : LocalAuthority.defaultFolder(
                                System.getenv("XDG_STATE_HOME"), System.getProperty("user.home", ".")),
                InstantSource.system());
    }

    /**
     * Makes what runs what the files say.
     *
     * @return what could not be done, a sentence each: a port that is taken, a configuration a role refused
     */
    synchronized List<String> apply(Loaded loaded) {
        var failures = new ArrayList<String>();
        var resolution = loaded.resolution();
        stopMissing(firewalls, resolution.firewalls().keySet());
        stopMissing(flows, resolution.flows().keySet());
        new TreeMap<>(resolution.firewalls()).forEach((id, config) -> {
            try {
                var secrets = authority.beside(config, loaded.secretsOf(id));
                step(id, config, secrets, firewalls, () -> firewall(config, secrets), failures);
            } catch (IOException unusable) {
                failures.add(id + ": " + unusable.getMessage());
            }
        });
        new TreeMap<>(resolution.flows())
                .forEach((id, config) -> step(
                        id, config, loaded.secretsOf(id), flows, () -> flow(config, loaded.secretsOf(id)), failures));
        return failures;
    }

    private static <R, P extends RunningRole<R>> void stopMissing(
            Map<ResourceId, P> running, java.util.Set<ResourceId> wanted) {
        for (var id : List.copyOf(running.keySet())) {
            if (!wanted.contains(id)) {
                log.info("{} is gone: stopping it", id);
                java.util.Objects.requireNonNull(running.remove(id)).drain();
            }
        }
    }

    private interface Start<P> {
        /** A role that runs, or null where the configuration was refused and the log says why. */
        @Nullable
        P start() throws IOException;
    }

    private static <R, P extends RunningRole<R>> void step(
            ResourceId id,
            R config,
            SecretSource secrets,
            Map<ResourceId, P> running,
            Start<P> start,
            List<String> failures) {
        var role = running.get(id);
        try {
            if (role != null && role.needsRestart(config)) {
                log.info("{} has other ports now: starting it anew", id);
                running.remove(id);
                role.drain();
                role = null;
            }
            if (role != null) {
                role.offer(config, secrets);
                return;
            }
            role = start.start();
            if (role == null) {
                failures.add(id + " was not started; the lines above say why");
            } else {
                running.put(id, role);
            }
        } catch (IOException unavailable) {
            failures.add(id + ": " + unavailable.getMessage());
        }
    }

    private @Nullable FirewallProcess firewall(FirewallConfig config, SecretSource secrets) throws IOException {
        var process = new FirewallProcess(config.name(), host, FirewallProcess.ports(config), audit);
        if (!process.offer(config, secrets)) {
            process.close();
            return null;
        }
        try {
            process.start();
            return process;
        } catch (IOException taken) {
            process.close();
            throw new IOException(
                    taken.getMessage()
                            + "; free that port, or write another in spec.port, spec.scanApi.port or spec.reverseProxies",
                    taken);
        }
    }

    private @Nullable FlowProcess flow(FlowConfig config, SecretSource secrets) throws IOException {
        var process = new FlowProcess(host, state == null ? null : state.resolve(config.name()));
        if (!process.offer(config, secrets)) {
            process.close();
            return null;
        }
        process.start();
        return process;
    }

    /** What listens where, for people. */
    synchronized List<String> describe(Loaded loaded) {
        var lines = new ArrayList<String>();
        firewalls.forEach((id, process) -> {
            var config = java.util.Objects.requireNonNull(
                    loaded.resolution().firewalls().get(id));
            lines.addAll(process.describe(config));
            if (LocalAuthority.isFor(config)) {
                lines.add("  https    looked into; clients must trust " + authority.certificate());
            }
        });
        flows.forEach((id, process) -> lines.addAll(process.describe(
                java.util.Objects.requireNonNull(loaded.resolution().flows().get(id)))));
        return lines;
    }

    /** Commands that show what runs at work. */
    synchronized List<String> tries(Loaded loaded) {
        var lines = new ArrayList<String>();
        firewalls.forEach((id, process) -> lines.addAll(process.tries(
                java.util.Objects.requireNonNull(loaded.resolution().firewalls().get(id)))));
        flows.forEach((id, process) -> lines.addAll(process.tries(
                java.util.Objects.requireNonNull(loaded.resolution().flows().get(id)))));
        return lines;
    }

    /** Drains everything. */
    @Override
    public synchronized void close() {
        firewalls.values().forEach(FirewallProcess::drain);
        flows.values().forEach(FlowProcess::drain);
        firewalls.clear();
        flows.clear();
    }
}
