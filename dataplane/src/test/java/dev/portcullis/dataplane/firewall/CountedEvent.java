package dev.portcullis.dataplane.firewall;

/**
 * Something that happens to the firewall, and all that it moves.
 *
 * @param what in words
 * @param spec of the policy in force, in JSON, on top of that of {@link Traffic}
 * @param act makes it happen, with real clients over real sockets
 * @param moves every count that moves, a line each in the order of their names: the series and by how much, a star for anything;
 *     nothing else may move
 */
record CountedEvent(String what, String spec, Act act, String moves) {
    /** Makes it happen. */
    @FunctionalInterface
    interface Act {
        void with(Traffic traffic) throws Exception;
    }
}
