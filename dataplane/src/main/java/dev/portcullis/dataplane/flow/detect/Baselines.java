package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.detect.Attack.Direction;
import dev.portcullis.dataplane.flow.detect.Attack.Scope;
import dev.portcullis.dataplane.flow.detect.Episode.Subject;
import dev.portcullis.dataplane.flow.window.HostSums;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is usual of the {@link #MOST} targets that have had the most traffic, whether or not they are measured just now.
 * Used by one thread.
 */
final class Baselines {
    /** Targets known at once: some 2 KB each, 40 MB in all. */
    static final int MOST = 20_000;

    private static final Duration FORGOTTEN_AFTER = Duration.ofDays(21);
    private static final int VERSION = 2;

    private final Map<Subject, Baseline> baselines = new HashMap<>();
    private double leastVolume;
    private long refused;

    /** The part of a limit that stays, by {@link Baseline#METRICS}: infinite where nothing is learned yet. */
    record Tightened(double[] limits, double[] normal) {}

    /** The limits that what is usual of {@code subject} comes to, or null while they are the configured ones. */
    @Nullable
    Tightened tightened(Subject subject, HostGroup.Limits configured, BaselineSettings settings, Instant now) {
        var baseline = baselines.get(subject);
        if (baseline == null || !baseline.warm(settings)) {
            return null;
        }
        var limits = new double[Baseline.METRICS.length];
        var normal = new double[Baseline.METRICS.length];
        for (var metric = 0; metric < limits.length; metric++) {
            var fixed = configured.of(Baseline.METRICS[metric]);
            normal[metric] = baseline.normal(metric, settings, now);
            limits[metric] = Math.min(fixed, Math.max(normal[metric] * settings.factor(), settings.floors()[metric]));
        }
        return new Tightened(limits, normal);
    }

    /**
     * Learns from one row's rates, which lasted {@code seconds}.
     *
     * @param nowMillis monotonic
     */
    void learn(
            Subject subject,
            HostSums sums,
            int row,
            double seconds,
            BaselineSettings settings,
            long nowMillis,
            Instant now) {
        var rates = new double[Baseline.METRICS.length];
        for (var metric = 0; metric < rates.length; metric++) {
            rates[metric] = sums.rate(row, Baseline.METRICS[metric]);
        }
        if (rates[0] <= 0) {
            return;
        }
        var baseline = baselines.get(subject);
        if (baseline == null) {
            if (baselines.size() >= MOST && !makeRoom(rates[0], now)) {
                refused++;
                return;
            }
            baseline = new Baseline();
            baselines.put(subject, baseline);
        }
        baseline.learn(rates, seconds, settings, nowMillis, now);
    }

    /** Forgets the lightest eighth, unless the newcomer is lighter than all of them. */
    private boolean makeRoom(double volume, Instant now) {
        if (volume <= leastVolume) {
            return false;
        }
        var oldest = now.minus(FORGOTTEN_AFTER).getEpochSecond();
        baselines.values().removeIf(each -> each.lastSeen() < oldest);
        if (baselines.size() >= MOST) {
            var volumes = baselines.values().stream()
                    .mapToDouble(Baseline::volume)
                    .sorted()
                    .toArray();
            leastVolume = volumes[MOST / 8];
            // Of many with one volume, as sampling makes them, no more go than there is need for.
            var left = baselines.size() - MOST + MOST / 8;
            for (var each = baselines.values().iterator(); left > 0 && each.hasNext(); ) {
                if (each.next().volume() <= leastVolume) {
                    each.remove();
                    left--;
                }
            }
        }
        return true;
    }

    /** What is usual of a subject's packets a second, 0 where that is not known. */
    double normalPackets(Subject subject, BaselineSettings settings, Instant now) {
        var baseline = baselines.get(subject);
        return baseline == null ? 0 : baseline.normal(0, settings, now);
    }

    int size() {
        return baselines.size();
    }

    /** Targets not learned because there were too many, since the last call. */
    long drainRefused() {
        var count = refused;
        refused = 0;
        return count;
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeInt(baselines.size());
        for (var each : baselines.entrySet()) {
            var subject = each.getKey();
            out.writeByte(subject.scope().ordinal());
            out.writeByte(subject.direction().ordinal());
            out.writeLong(subject.high());
            out.writeLong(subject.low());
            each.getValue().write(out);
        }
    }

    /**
     * Takes over what was written.
     *
     * @throws IOException when it is not that, or of another version; nothing is taken over then
     */
    void read(DataInput in) throws IOException {
        var version = in.readInt();
        var count = in.readInt();
        if (version != VERSION || count < 0 || count > MOST) {
            throw new IOException("baselines of version " + version + " and " + count + " targets");
        }
        var known = new HashMap<Subject, Baseline>();
        for (var i = 0; i < count; i++) {
            var scope = in.readUnsignedByte();
            var direction = in.readUnsignedByte();
            if (scope >= Scope.values().length || direction >= Direction.values().length) {
                throw new IOException("a baseline of unknown scope " + scope + " or direction " + direction);
            }
            var subject =
                    new Subject(Scope.values()[scope], in.readLong(), in.readLong(), Direction.values()[direction]);
            known.put(subject, Baseline.read(in));
        }
        baselines.putAll(known);
    }
}
