package dev.portcullis.dataplane.config;

/**
 * Turns a resolved configuration and the secrets it refers to into the immutable form a role runs on.
 *
 * @param <R> the resolved configuration
 * @param <C> the compiled form
 */
@FunctionalInterface
public interface ConfigCompiler<R, C> {
    /**
     * Compiles {@code resolved}. Called off every event loop.
     *
     * @throws ConfigRefusedException when a role could not run it, for instance because a secret is missing
     */
    C compile(R resolved, SecretSource secrets) throws ConfigRefusedException;
}
