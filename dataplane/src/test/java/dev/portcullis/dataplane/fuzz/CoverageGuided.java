package dev.portcullis.dataplane.fuzz;

import java.util.Arrays;

/**
 * What Jazzer calls. {@code -Dfuzz.target=LABEL} names the target; without it the first byte of each input does, so that
 * one process tries them all.
 */
public final class CoverageGuided {
    private static final FuzzTargets[] TARGETS = FuzzTargets.values();
    private static final FuzzTarget[] OPENED = new FuzzTarget[TARGETS.length];
    private static final String ONE = System.getProperty("fuzz.target", "");

    private CoverageGuided() {}

    /** Tries one input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        if (!ONE.isEmpty()) {
            target(FuzzTargets.of(ONE).ordinal()).run(input);
        } else if (input.length > 0) {
            target((input[0] & 0xff) % TARGETS.length).run(Arrays.copyOfRange(input, 1, input.length));
        }
    }

    private static FuzzTarget target(int ordinal) {
        var target = OPENED[ordinal];
        if (target == null) {
            target = TARGETS[ordinal].open();
            OPENED[ordinal] = target;
        }
        return target;
    }
}
