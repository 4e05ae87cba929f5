package dev.portcullis.dataplane.flow.detect;

import java.time.Duration;

/**
 * How what is usual of a host tightens its limits. Immutable.
 *
 * @param factor a limit is this many times what is usual, 1.5 to 100
 * @param halfLife time after which an old rate counts half
 * @param warmUp time a target is watched before its limits are tightened
 * @param seasonal whether what is usual is known by the hour of the week as well
 * @param floors packets, bits and flows a second below which no limit falls, by {@link Baseline#METRICS}
 */
public record BaselineSettings(double factor, Duration halfLife, Duration warmUp, boolean seasonal, double[] floors) {}
