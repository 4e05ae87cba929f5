package dev.portcullis.dataplane.cli;

import dev.portcullis.dataplane.config.SecretSource;

/**
 * A role that this process runs for one resource. Used by one thread at a time.
 *
 * @param <R> the resolved configuration it takes
 */
interface RunningRole<R> extends AutoCloseable {
    /** Takes over a new configuration, or reports why not and stays on the one it has. Returns whether it took it. */
    boolean offer(R config, SecretSource secrets);

    /** True when {@code config} needs other ports than the role has open: it must be started anew. */
    boolean needsRestart(R config);

    /** Lines for people: where it listens and what it protects. */
    java.util.List<String> describe(R config);

    /** Commands that show it at work, each with what comes of it. */
    java.util.List<String> tries(R config);

    /** Stops taking work, lets what is in flight end, closes. Blocks for some seconds at most. */
    void drain();

    @Override
    void close();
}
