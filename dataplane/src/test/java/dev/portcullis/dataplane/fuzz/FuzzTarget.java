package dev.portcullis.dataplane.fuzz;

/**
 * Something that takes bytes from strangers, with what must be true of it whatever they are. A target returns or throws:
 * everything thrown is a bug found, so what a parser may throw is caught in its target. Not thread-safe.
 */
@FunctionalInterface
public interface FuzzTarget {
    /** Tries {@code input}, which it may keep no longer than the call and does not change. */
    void run(byte[] input) throws Exception;
}
