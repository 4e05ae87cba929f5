package dev.portcullis.dataplane.config;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The configuration in force, behind one volatile reference. A refused configuration leaves the last good one in place.
 * Any thread may read; one thread at a time offers.
 *
 * @param <C> the compiled, immutable form a role runs on
 */
public final class ConfigHolder<C> {
    /**
     * What is in force.
     *
     * @param revision revision of {@code config}
     */
    public record Current<C>(C config, String revision) {}

    private final List<Consumer<C>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable Current<C> current;
    private volatile List<String> problems = List.of();

    /** The configuration in force, or null before the first one: a firewall then refuses everything. */
    public @Nullable C get() {
        var now = current;
        return now == null ? null : now.config();
    }

    /** The configuration in force with its revision, or null before the first one. */
    public @Nullable Current<C> current() {
        return current;
    }

    /** Puts {@code config} in force, forgets earlier problems, and tells the listeners, in the order they were added. */
    public void accept(C config, String revision) {
        current = new Current<>(config, revision);
        problems = List.of();
        for (var listener : listeners) {
            listener.accept(config);
        }
    }

    /** Keeps what is in force and reports why a newer configuration is not. */
    public void refuse(List<String> reasons) {
        problems = List.copyOf(reasons);
    }

    /** Why the newest configuration was refused; empty while the newest is in force. */
    public List<String> problems() {
        return problems;
    }

    /** Calls {@code listener} on the offering thread after each swap. */
    public void onChange(Consumer<C> listener) {
        listeners.add(listener);
    }
}
