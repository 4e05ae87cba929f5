package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.window.Metric;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * What is usual of one target: a mean in which an old rate loses half its weight every half-life, and, by the hour of the
 * week (UTC), the mean of that hour in past weeks. Used by one thread.
 *
 * <p>An attacker who grows slowly cannot teach it much: no rate counts for more than {@code factor} times what is usual
 * then, and once the hour of the week is known the mean is held within {@value #HOUR_BAND} times that hour's.
 */
final class Baseline {
    /** Metrics that have one. */
    static final Metric[] METRICS = {Metric.PPS, Metric.MBPS, Metric.FLOWS_PER_SEC};

    /** How far the mean may be above what the hour of the week has shown. */
    static final double HOUR_BAND = 2;

    private static final int HOURS = 7 * 24;

    private static final long NEVER = Long.MIN_VALUE;

    /** Seconds of traffic in an hour from which on that hour counts as known. */
    private static final double KNOWN_SECONDS = 600;

    private final float[] mean = new float[METRICS.length];
    private final float[] hourSum = new float[METRICS.length];
    private float @Nullable [] hours;
    private float hourSeconds;
    private int hour = -1;
    private double knownSeconds;
    private long lastSeen;

    // Monotonic milliseconds; of this life of the process.
    private long learnedMillis = NEVER;

    /** When traffic was last seen, seconds since 1970. */
    long lastSeen() {
        return lastSeen;
    }

    /** Packets a second. */
    double volume() {
        return mean[0];
    }

    /** True once as much time has gone by since it was first seen as the settings want, whatever wall clocks say. */
    boolean warm(BaselineSettings settings) {
        return knownSeconds >= settings.warmUp().toSeconds();
    }

    /** What is usual at {@code now}, in packets, bits or flows a second. */
    double normal(int metric, BaselineSettings settings, Instant now) {
        var usual = (double) mean[metric];
        var known = hours;
        if (settings.seasonal() && known != null) {
            var ofHour = known[hourOfWeek(now) * METRICS.length + metric];
            if (ofHour > 0) {
                return Math.clamp(usual, ofHour, ofHour * HOUR_BAND);
            }
        }
        return usual;
    }

    /**
     * Learns from one decision's rates, by {@link #METRICS}, that lasted {@code seconds}.
     *
     * @param nowMillis monotonic
     */
    void learn(double[] rates, double seconds, BaselineSettings settings, long nowMillis, Instant now) {
        knownSeconds += learnedMillis == NEVER ? 0 : (nowMillis - learnedMillis) / 1000.0;
        learnedMillis = nowMillis;
        lastSeen = now.getEpochSecond();
        var weight = 1 - Math.pow(2, -seconds / settings.halfLife().toSeconds());
        if (hour != hourOfWeek(now)) {
            closeHour(settings);
            hour = hourOfWeek(now);
        }
        hourSeconds += (float) seconds;
        for (var metric = 0; metric < METRICS.length; metric++) {
            var usual = normal(metric, settings, now);
            var rate = usual > 0 ? Math.min(rates[metric], usual * settings.factor()) : rates[metric];
            mean[metric] = (float) (mean[metric] == 0 ? rate : mean[metric] + weight * (rate - mean[metric]));
            hourSum[metric] += (float) (rate * seconds);
        }
    }

    private void closeHour(BaselineSettings settings) {
        if (settings.seasonal() && hour >= 0 && hourSeconds >= KNOWN_SECONDS) {
            var known = hours;
            if (known == null) {
                known = new float[HOURS * METRICS.length];
                hours = known;
            }
            for (var metric = 0; metric < METRICS.length; metric++) {
                var at = hour * METRICS.length + metric;
                var seen = hourSum[metric] / hourSeconds;
                known[at] = known[at] == 0 ? seen : (known[at] + seen) / 2;
            }
        }
        for (var metric = 0; metric < METRICS.length; metric++) {
            hourSum[metric] = 0;
        }
        hourSeconds = 0;
    }

    private static int hourOfWeek(Instant now) {
        var time = now.atOffset(ZoneOffset.UTC);
        return (time.getDayOfWeek().getValue() - 1) * 24 + time.getHour();
    }

    void write(DataOutput out) throws IOException {
        out.writeFloat((float) knownSeconds);
        out.writeLong(lastSeen);
        out.writeInt(hour);
        out.writeFloat(hourSeconds);
        for (var metric = 0; metric < METRICS.length; metric++) {
            out.writeFloat(mean[metric]);
            out.writeFloat(hourSum[metric]);
        }
        var known = hours;
        out.writeBoolean(known != null);
        if (known != null) {
            for (var each : known) {
                out.writeFloat(each);
            }
        }
    }

    static Baseline read(DataInput in) throws IOException {
        var baseline = new Baseline();
        baseline.knownSeconds = plausible(in.readFloat());
        baseline.lastSeen = in.readLong();
        baseline.hour = Math.clamp(in.readInt(), -1, HOURS - 1);
        baseline.hourSeconds = plausible(in.readFloat());
        for (var metric = 0; metric < METRICS.length; metric++) {
            baseline.mean[metric] = plausible(in.readFloat());
            baseline.hourSum[metric] = plausible(in.readFloat());
        }
        if (in.readBoolean()) {
            var known = new float[HOURS * METRICS.length];
            for (var i = 0; i < known.length; i++) {
                known[i] = plausible(in.readFloat());
            }
            baseline.hours = known;
        }
        return baseline;
    }

    private static float plausible(float value) throws IOException {
        if (value >= 0 && value < Float.POSITIVE_INFINITY) {
            return value;
        }
        throw new IOException("a rate of " + value + " in a file of baselines");
    }
}
