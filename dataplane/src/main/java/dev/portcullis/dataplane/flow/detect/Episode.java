package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.detect.Attack.Direction;
import dev.portcullis.dataplane.flow.window.HostSample;
import dev.portcullis.dataplane.flow.window.Metric;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One host above its limits, from the first decision that says so until it has been quiet for long enough. Used by the
 * tick thread only.
 */
final class Episode {
    /** Who is attacked, or attacks. */
    record Subject(long high, long low, Direction direction) {}

    private final Subject subject;
    private final Metric metric;
    private final double rate;
    private final double threshold;
    private HostGroup group;
    private Rates rates = Rates.ZERO;
    private Attack.Classification classification = new Attack.Classification("mixed", 0, 0);
    private Attack.Sample sample = Attack.Sample.EMPTY;
    private int confirmations;
    private long lastAboveMillis;
    private @Nullable String id;
    private Instant startedAt = Instant.EPOCH;

    /** Rate and threshold are in packets, bits or flows a second. */
    Episode(Subject subject, HostGroup group, Metric metric, double rate, double threshold) {
        this.subject = subject;
        this.group = group;
        this.metric = metric;
        this.rate = rate;
        this.threshold = threshold;
    }

    Subject subject() {
        return subject;
    }

    boolean started() {
        return id != null;
    }

    /** Counts a decision above a limit. */
    int confirm(long nowMillis) {
        lastAboveMillis = nowMillis;
        return ++confirmations;
    }

    void start(Instant at) {
        id = UUID.randomUUID().toString();
        startedAt = at;
    }

    long quietMillis(long nowMillis) {
        return nowMillis - lastAboveMillis;
    }

    /** Takes the latest figures. What there is no sample of keeps the last one. */
    void measure(HostGroup owner, Rates latest, List<HostSample> samples) {
        group = owner;
        rates = latest;
        if (!samples.isEmpty()) {
            sample = SampleSummary.of(samples);
        }
        // In the quiet tail the kind of attack stays what it was: the little that is left is somebody else's traffic.
        if (latest.packets() > 0 && (!started() || aboveAny(latest))) {
            classification = Classifier.classify(latest, samples);
        }
    }

    private boolean aboveAny(Rates latest) {
        var limits = subject.direction() == Direction.INCOMING ? group.incoming() : group.outgoing();
        return limits != null && Detector.exceeded(latest, limits) != null;
    }

    Attack attack(@Nullable Instant endedAt) {
        var known = id;
        if (known == null) {
            throw new IllegalStateException("not an attack yet");
        }
        return new Attack(
                known,
                IpBits.address(subject.high(), subject.low()),
                subject.direction(),
                group.name(),
                group.mitigationPolicy(),
                metric.label(),
                metric.inOwnUnit(rate),
                metric.inOwnUnit(threshold),
                rates,
                classification,
                sample,
                startedAt,
                endedAt);
    }
}
