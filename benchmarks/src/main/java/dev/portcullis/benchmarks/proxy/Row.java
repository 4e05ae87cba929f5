package dev.portcullis.benchmarks.proxy;

import java.io.IOException;
import java.util.Map;

/** One line of the comparison: something done through every contender. */
interface Row {
    /** What is done, and its unit. */
    String title();

    /** The group it belongs to, which the command line chooses by: get, post, connect, tunnel, idle, start … */
    String group();

    /** False where doing it beforehand is of no use, or would change what is measured. */
    default boolean settles() {
        return true;
    }

    /**
     * Measures {@code contender}, which runs.
     *
     * @return null where it cannot do this
     */
    @org.jspecify.annotations.Nullable
    Cell measure(Contender contender) throws IOException, InterruptedException;

    /**
     * A measurement.
     *
     * @param value the figure that contenders are compared by
     * @param moreIsBetter false where it is a cost
     * @param cpu CPU of the contender for each unit of work, in the unit the row's title names; NaN where not measured
     * @param details other figures, by name
     */
    record Cell(double value, boolean moreIsBetter, double cpu, Map<String, Double> details) {
        public Cell {
            details = Map.copyOf(details);
        }
    }
}
