package dev.portcullis.dataplane.config;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last step of a change: compiles what a source found and puts it in force, or reports why not. Sources call it from
 * their own threads, one call at a time is let through.
 *
 * @param <R> the resolved configuration
 * @param <C> the compiled form
 */
public final class ConfigUpdater<R, C> {
    private static final Logger log = LoggerFactory.getLogger(ConfigUpdater.class);

    private final ConfigHolder<C> holder;
    private final ConfigCompiler<R, C> compiler;
    private final Function<R, String> revision;
    private @Nullable R newest;
    private SecretSource secrets = SecretSource.none();

    public ConfigUpdater(ConfigHolder<C> holder, ConfigCompiler<R, C> compiler, Function<R, String> revision) {
        this.holder = holder;
        this.compiler = compiler;
        this.revision = revision;
    }

    /** Offers a new configuration with the secrets known so far. Returns whether it is in force now. */
    public synchronized boolean offer(R resolved) {
        newest = resolved;
        return compile();
    }

    /** Offers a new configuration together with the secrets that belong to it. */
    public synchronized boolean offer(R resolved, SecretSource secrets) {
        this.secrets = secrets;
        return offer(resolved);
    }

    /** Compiles the newest configuration again because a secret it refers to may have changed. */
    public synchronized boolean secretsChanged(SecretSource secrets) {
        this.secrets = secrets;
        return newest != null && compile();
    }

    /** Reports that the newest configuration cannot even be read; what is in force stays. */
    public synchronized void refuse(List<String> problems) {
        for (var problem : problems) {
            log.error("configuration refused, the last good one stays in force: {}", problem);
        }
        holder.refuse(problems);
    }

    private boolean compile() {
        var resolved = newest;
        if (resolved == null) {
            return false;
        }
        try {
            holder.accept(compiler.compile(resolved, secrets), revision.apply(resolved));
            log.info("configuration {} in force", revision.apply(resolved));
            return true;
        } catch (ConfigRefusedException refused) {
            refuse(refused.problems());
            return false;
        }
    }
}
