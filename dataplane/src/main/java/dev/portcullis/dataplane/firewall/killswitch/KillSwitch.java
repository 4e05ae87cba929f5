package dev.portcullis.dataplane.firewall.killswitch;

import dev.portcullis.crd.v1alpha1.KillSwitchSpec.Drain;
import dev.portcullis.dataplane.firewall.policy.FirewallPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether everything is refused: the OR of four sources. {@link Source#CONFIG} is KillSwitch resources, {@link Source#API}
 * the HTTP API, {@link Source#SIGNAL} SIGUSR1, {@link Source#SENTINEL} a file. A change of policy leaves API and signal as
 * they are. Thread-safe; reading it costs one volatile read.
 */
public final class KillSwitch implements AutoCloseable {
    /** Where an engagement comes from, in the order they are reported. */
    public enum Source {
        CONFIG("config"),
        API("api"),
        SIGNAL("signal"),
        SENTINEL("sentinel");

        private final String label;

        Source(String label) {
            this.label = label;
        }

        /** The value on the wire. */
        public String label() {
            return label;
        }
    }

    /**
     * The switch is on.
     *
     * @param source the first of the sources that engage it
     * @param message told to refused clients
     * @param immediate whether what is open is cut
     */
    public record Engagement(Source source, String message, boolean immediate) {}

    /** What refused clients are told where nobody gave a reason. */
    public static final String MESSAGE = "Emergency deny-all active";

    private static final Logger LOG = LoggerFactory.getLogger(KillSwitch.class);
    private static final long SENTINEL_MILLIS = 100;

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("kill-switch-sentinel").daemon(true).factory());
    private volatile @Nullable FirewallPolicy policy;
    private volatile @Nullable Engagement config;
    private volatile boolean api;
    private volatile boolean signal;
    private volatile boolean sentinel;
    private volatile @Nullable Engagement engagement;

    /** Begins to watch the sentinel file of whatever policy is in force. */
    public void start() {
        watch.scheduleWithFixedDelay(this::look, 0, SENTINEL_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Calls {@code listener} after each change, on the thread that caused it. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** The engagement in force, or null while requests may pass. */
    public @Nullable Engagement engagement() {
        return engagement;
    }

    /** The engagement that {@code client} is refused by, or null where there is none or the client is exempt. */
    public @Nullable Engagement engagementFor(InetAddress client) {
        var now = engagement;
        if (now == null) {
            return null;
        }
        var current = policy;
        if (current != null) {
            for (var network : current.killSwitch().exemptClients()) {
                if (network.contains(client)) {
                    return null;
                }
            }
        }
        return now;
    }

    /** Whether one source engages it. */
    public boolean active(Source source) {
        return switch (source) {
            case CONFIG -> config != null;
            case API -> api;
            case SIGNAL -> signal;
            case SENTINEL -> sentinel;
        };
    }

    /** Takes over the KillSwitch resources and the sentinel path of a new policy. */
    public void policyChanged(FirewallPolicy next) {
        Engagement engaged = null;
        for (var resource : next.config().killSwitches()) {
            if (resource.engaged()) {
                var message = resource.reason().isBlank() ? MESSAGE : resource.reason();
                var immediate = resource.drain() == Drain.Immediate;
                engaged = engaged == null
                        ? new Engagement(Source.CONFIG, message, immediate)
                        : new Engagement(Source.CONFIG, engaged.message(), engaged.immediate() || immediate);
            }
        }
        policy = next;
        config = engaged;
        look();
        changed();
    }

    /** Engages or releases the API source. */
    public void engageByApi(boolean active) {
        api = active;
        changed();
    }

    /** Toggles the signal source, unless the policy says that signals do not. */
    public void toggleBySignal() {
        var current = policy;
        if (current != null && !current.killSwitch().signal()) {
            LOG.warn("SIGUSR1 was ignored: spec.killSwitch.signal is false.");
            return;
        }
        signal = !signal;
        LOG.warn("SIGUSR1: the kill switch is now {} by signal.", signal ? "engaged" : "released");
        changed();
    }

    /** Stops watching the sentinel file. */
    @Override
    public void close() {
        watch.shutdownNow();
    }

    /** Looks whether the sentinel file exists. What cannot be told apart from existing counts as existing. */
    private void look() {
        var current = policy;
        var path = current == null ? null : current.killSwitch().sentinel();
        var now = path != null && exists(path);
        if (now != sentinel) {
            sentinel = now;
            LOG.warn("Sentinel file {}: the kill switch is now {}.", path, now ? "engaged" : "released");
            changed();
        }
    }

    private static boolean exists(Path path) {
        try {
            Files.readAttributes(path, BasicFileAttributes.class);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException | SecurityException e) {
            return true;
        }
    }

    private synchronized void changed() {
        var byConfig = config;
        var local = api ? Source.API : signal ? Source.SIGNAL : sentinel ? Source.SENTINEL : null;
        if (byConfig != null) {
            engagement = new Engagement(Source.CONFIG, byConfig.message(), byConfig.immediate() || local != null);
        } else {
            engagement = local == null ? null : new Engagement(local, MESSAGE, true);
        }
        listeners.forEach(Runnable::run);
    }
}
