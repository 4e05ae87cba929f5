package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.detect.Attack.Classification;
import dev.portcullis.dataplane.flow.detect.Attack.Direction;
import dev.portcullis.dataplane.flow.detect.Attack.Extent;
import dev.portcullis.dataplane.flow.detect.Attack.Peak;
import dev.portcullis.dataplane.flow.detect.Attack.Scope;
import dev.portcullis.dataplane.flow.window.HostSample;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One target above its limits, from the first decision that says so until it has been quiet for long enough. Used by the
 * tick thread only.
 */
final class Episode {
    /** A rate that grew this many times over what was last told of is news. */
    private static final double NEWS = 2;

    /**
     * Who is attacked, or attacks.
     *
     * @param high with {@code low}, an address, a network address, or 0 and a group's number plus 1
     */
    record Subject(Scope scope, long high, long low, Direction direction) {}

    private final Subject subject;
    private final String groupName;
    private final Crossing crossing;
    private HostGroup group;
    private int prefixLength;
    private int hosts = 1;
    private Rates rates = Rates.ZERO;
    private Peak peak = new Peak(0, 0);
    private Classifier.Result kind = Classifier.Result.UNKNOWN;
    private Set<String> toldVectors = Set.of();
    private double toldPackets;
    private double toldBits;
    private Attack.Sample sample = Attack.Sample.EMPTY;
    private long firstAboveMillis = -1;
    private long lastAboveMillis;
    private @Nullable String id;
    private Instant startedAt = Instant.EPOCH;

    Episode(Subject subject, HostGroup group, Crossing crossing) {
        this.subject = subject;
        this.group = group;
        this.groupName = group.name();
        this.crossing = crossing;
        this.prefixLength = IpBits.isV4(subject.high(), subject.low()) ? 32 : 128;
    }

    Subject subject() {
        return subject;
    }

    String groupName() {
        return groupName;
    }

    boolean started() {
        return id != null;
    }

    /** Notes a decision above a limit; for how long all have been. */
    long confirm(long nowMillis) {
        if (firstAboveMillis < 0) {
            firstAboveMillis = nowMillis;
        }
        lastAboveMillis = nowMillis;
        return nowMillis - firstAboveMillis;
    }

    void start(String attackId, Instant at) {
        id = attackId;
        startedAt = at;
        tell();
    }

    long quietMillis(long nowMillis) {
        return nowMillis - lastAboveMillis;
    }

    /** How far it reaches, where it is not one host. */
    void extent(int bits, int hostCount) {
        prefixLength = bits;
        hosts = hostCount;
    }

    /**
     * Takes the latest figures. What there is no sample of keeps the last one.
     *
     * @param above whether they are above a limit: in the quiet tail the kind of attack stays what it was, as the little
     *     that is left is somebody else's traffic
     */
    void measure(HostGroup owner, Rates latest, List<HostSample> samples, boolean above) {
        group = owner;
        rates = latest;
        peak = new Peak(Math.max(peak.packets(), latest.packets()), Math.max(peak.bits(), latest.bits()));
        if (above) {
            if (!samples.isEmpty()) {
                sample = SampleSummary.of(samples);
            }
            kind = Classifier.classify(latest, samples);
        }
    }

    /** True once whenever the attack is made of something else than was last told, or has grown much. */
    boolean drainNews() {
        if (vectorNames().equals(toldVectors)
                && rates.packets() < toldPackets * NEWS
                && rates.bits() < toldBits * NEWS) {
            return false;
        }
        tell();
        return true;
    }

    private void tell() {
        toldVectors = new HashSet<>(vectorNames());
        toldPackets = Math.max(toldPackets, rates.packets());
        toldBits = Math.max(toldBits, rates.bits());
    }

    private Set<String> vectorNames() {
        return kind.vectors().stream()
                // What hovers about a tenth would come and go with every tick.
                .filter(vector -> vector.confidence() >= 0.2)
                .map(Classification::type)
                .collect(Collectors.toSet());
    }

    Attack attack(@Nullable Instant endedAt) {
        var known = id;
        if (known == null) {
            throw new IllegalStateException("not an attack yet");
        }
        var metric = crossing.metric();
        return new Attack(
                known,
                target(),
                subject.direction(),
                group.name(),
                subject.scope() == Scope.PREFIX ? null : group.mitigationPolicy(),
                metric.label(),
                metric.inOwnUnit(crossing.rate()),
                metric.inOwnUnit(crossing.limit()),
                rates,
                kind.whole(),
                sample,
                startedAt,
                endedAt,
                new Extent(subject.scope(), prefixLength, hosts),
                kind.vectors(),
                peak,
                crossing.basis());
    }

    private InetAddress target() {
        var prefix = group.prefix();
        if (subject.scope() == Scope.GROUP && prefix != null) {
            return InetAddress.ofLiteral(prefix.substring(0, prefix.indexOf('/')));
        }
        return IpBits.address(subject.high(), subject.low());
    }
}
