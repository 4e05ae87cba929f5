package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.v1alpha1.FlowDetectorSpec;
import dev.portcullis.crd.v1alpha1.LocalRef;
import dev.portcullis.crd.v1alpha1.ThresholdsSpec;
import dev.portcullis.dataplane.flow.decode.DecodeRules;
import dev.portcullis.dataplane.flow.decode.ExporterOverride;
import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.window.Cidr;
import dev.portcullis.dataplane.flow.window.Metric;
import dev.portcullis.dataplane.flow.window.PrefixTable;
import dev.portcullis.dataplane.flow.window.WindowPlan;
import io.fabric8.kubernetes.api.model.Quantity;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@link FlowConfig} made ready to run on: prefixes in a lookup table, quantities as numbers. Immutable.
 *
 * @param config what it was made of
 * @param groups by the number {@link WindowPlan#networks()} gives; the first is {@code global}
 * @param tick time between decisions
 * @param confirmTicks decisions in a row above a limit before an attack starts
 * @param hysteresis time below every limit before it is over
 * @param carpet limits on prefixes, or null where those are not judged
 * @param baseline how what is usual tightens limits, or null where it does not
 * @param allowedExporters believed exporters, or null for anyone
 * @param listedExporters exporters that are named one by one: the policy's own list of those worth a metric label
 * @param decode what the operator says of telemetry
 */
public record FlowPolicy(
        FlowConfig config,
        List<HostGroup> groups,
        WindowPlan window,
        Duration tick,
        int confirmTicks,
        Duration hysteresis,
        @Nullable CarpetPolicy carpet,
        @Nullable BaselineSettings baseline,
        @Nullable PrefixTable allowedExporters,
        Set<InetAddress> listedExporters,
        DecodeRules decode) {
    private static final String GLOBAL = "global";

    public FlowPolicy {
        groups = List.copyOf(groups);
        listedExporters = Set.copyOf(listedExporters);
    }

    /** Limits on a prefix; {@code minHosts} of its hosts must be in it. */
    public record CarpetPolicy(HostGroup.Limits limits, int minHosts, int lengthV4, int lengthV6) {}

    /** Bits of a target that count, of a family's 32 or 128. */
    int prefixLength(Attack.Scope scope, long high, long low, HostGroup group) {
        var prefixes = carpet;
        if (scope == Attack.Scope.PREFIX && prefixes != null) {
            return IpBits.isV4(high, low) ? prefixes.lengthV4() : prefixes.lengthV6();
        }
        var prefix = group.prefix();
        if (scope == Attack.Scope.GROUP && prefix != null) {
            return Integer.parseInt(prefix, prefix.indexOf('/') + 1, prefix.length(), 10);
        }
        return IpBits.isV4(high, low) ? 32 : 128;
    }

    /** The group whose limits a host is under, or null where it is not judged by itself. */
    @Nullable
    HostGroup hostGroup(long high, long low) {
        var number = window.networks().lookup(high, low);
        return number < 0 || groups.get(number).summed() ? null : groups.get(number);
    }

    /** The group judged as a whole whose number plus 1 is {@code low}, or null where there is none. */
    @Nullable
    HostGroup summedGroup(long low) {
        var number = low - 1;
        return number < groups.size() && groups.get((int) number).summed() ? groups.get((int) number) : null;
    }

    /** The group of a prefix's first address; of one that begins before its network does, the first. */
    HostGroup groupOf(long high, long low) {
        return groups.get(Math.max(0, window.networks().lookup(high, low)));
    }

    /**
     * Compiles {@code config}.
     *
     * @throws IllegalArgumentException with the field path, when a value is none; the Resolver lets no such one through
     */
    public static FlowPolicy compile(FlowConfig config) {
        var spec = config.spec();
        var groups = groups(spec);
        var window = spec.window();
        var seconds = seconds(spec);
        var overrides = overrides(spec.exporters().overrides());
        var listed = new HashSet<>(overrides.keySet());
        for (var exporter : spec.exporters().allowed()) {
            var prefix = cidr(exporter, "exporters.allowed");
            if (prefix.length() == 128) {
                listed.add(IpBits.address(prefix.high(), prefix.low()));
            }
        }
        var carpet = spec.carpetBombing() == null || !spec.carpetBombing().enabled()
                ? null
                : new CarpetPolicy(
                        limits(spec.carpetBombing().thresholds(), seconds, window.fastPathFactor()),
                        spec.carpetBombing().minHosts(),
                        spec.carpetBombing().prefixLengthV4(),
                        spec.carpetBombing().prefixLengthV6());
        var baseline = baseline(spec.baseline());
        return new FlowPolicy(
                config,
                groups,
                FloorPlan.of(
                        networks(spec),
                        groups,
                        carpet,
                        baseline,
                        seconds,
                        window.fastPathFactor(),
                        spec.maxTrackedHosts(),
                        spec.samples().flowsPerVictim()),
                window.tick().duration(),
                window.confirmTicks(),
                spec.hysteresis().duration(),
                carpet,
                baseline,
                allowed(spec.exporters().allowed()),
                listed,
                new DecodeRules(
                        overrides,
                        spec.sampling().defaultRate(),
                        spec.sampling().tunnels() == FlowDetectorSpec.Tunnels.Inner));
    }

    private static int seconds(FlowDetectorSpec spec) {
        return Math.toIntExact(spec.window().length().duration().toSeconds());
    }

    private static List<HostGroup> groups(FlowDetectorSpec spec) {
        var seconds = seconds(spec);
        var fast = spec.window().fastPathFactor();
        var incoming = limits(spec.thresholds(), seconds, fast);
        var outgoing = spec.thresholdsOutgoing() == null ? null : limits(spec.thresholdsOutgoing(), seconds, fast);
        var groups = new ArrayList<HostGroup>();
        groups.add(new HostGroup(GLOBAL, incoming, outgoing, name(spec.mitigationPolicyRef()), false, null));
        for (var group : spec.hostGroups()) {
            var total = group.calculation() == FlowDetectorSpec.Calculation.Total;
            var inherited = total ? null : outgoing;
            groups.add(new HostGroup(
                    group.name(),
                    group.thresholds() == null ? incoming : limits(group.thresholds(), seconds, fast),
                    group.thresholdsOutgoing() == null ? inherited : limits(group.thresholdsOutgoing(), seconds, fast),
                    total
                            ? null
                            : name(
                                    group.mitigationPolicyRef() == null
                                            ? spec.mitigationPolicyRef()
                                            : group.mitigationPolicyRef()),
                    total,
                    group.prefixes().getFirst()));
        }
        return groups;
    }

    private static PrefixTable networks(FlowDetectorSpec spec) {
        var networks = new ArrayList<PrefixTable.Entry>();
        for (var i = 0; i < spec.networks().size(); i++) {
            networks.add(new PrefixTable.Entry(cidr(spec.networks().get(i), "networks[" + i + "]"), 0));
        }
        for (var i = 0; i < spec.hostGroups().size(); i++) {
            var group = spec.hostGroups().get(i);
            for (var j = 0; j < group.prefixes().size(); j++) {
                var path = "hostGroups[" + i + "].prefixes[" + j + "]";
                networks.add(new PrefixTable.Entry(cidr(group.prefixes().get(j), path), i + 1));
            }
        }
        return PrefixTable.of(networks);
    }

    private static @Nullable BaselineSettings baseline(FlowDetectorSpec.Baseline baseline) {
        var floor = baseline.floor();
        if (!baseline.enabled() || floor == null) {
            return null;
        }
        return new BaselineSettings(
                Double.parseDouble(baseline.factor()),
                baseline.halfLife().duration(),
                baseline.warmUp().duration(),
                baseline.seasonal(),
                new double[] {
                    floor.packetsPerSecond().getNumericalAmount().doubleValue(),
                    floor.bitsPerSecond().getNumericalAmount().doubleValue(),
                    floor.flowsPerSecond().getNumericalAmount().doubleValue()
                });
    }

    private static HostGroup.Limits limits(ThresholdsSpec thresholds, int seconds, int fastPathFactor) {
        var limits = new double[Metric.values().length];
        Arrays.fill(limits, Double.POSITIVE_INFINITY);
        put(limits, Metric.PPS, thresholds.packetsPerSecond());
        put(limits, Metric.MBPS, thresholds.bitsPerSecond());
        put(limits, Metric.FLOWS_PER_SEC, thresholds.flowsPerSecond());
        put(limits, Metric.TCP_PPS, Metric.TCP_MBPS, thresholds.tcp());
        put(limits, Metric.UDP_PPS, Metric.UDP_MBPS, thresholds.udp());
        put(limits, Metric.ICMP_PPS, Metric.ICMP_MBPS, thresholds.icmp());
        put(limits, Metric.TCP_SYN_PPS, Metric.TCP_SYN_MBPS, thresholds.tcpSyn());
        put(limits, Metric.FRAG_PPS, Metric.FRAG_MBPS, thresholds.fragments());
        return HostGroup.Limits.of(limits, seconds, fastPathFactor);
    }

    private static void put(double[] limits, Metric packets, Metric bits, ThresholdsSpec.@Nullable Rates rates) {
        if (rates != null) {
            put(limits, packets, rates.packetsPerSecond());
            put(limits, bits, rates.bitsPerSecond());
        }
    }

    private static void put(double[] limits, Metric metric, @Nullable Quantity limit) {
        if (limit != null) {
            limits[metric.ordinal()] = limit.getNumericalAmount().doubleValue();
        }
    }

    private static @Nullable PrefixTable allowed(List<String> allowed) {
        if (allowed.isEmpty()) {
            return null;
        }
        var entries = new ArrayList<PrefixTable.Entry>();
        for (var i = 0; i < allowed.size(); i++) {
            entries.add(new PrefixTable.Entry(cidr(allowed.get(i), "exporters.allowed[" + i + "]"), 0));
        }
        return PrefixTable.of(entries);
    }

    private static Map<InetAddress, ExporterOverride> overrides(List<FlowDetectorSpec.ExporterOverride> overrides) {
        var rates = new HashMap<InetAddress, ExporterOverride>();
        for (var i = 0; i < overrides.size(); i++) {
            var override = overrides.get(i);
            var bytes = NetUtil.createByteArrayFromIpAddressString(override.address());
            if (bytes == null) {
                throw new IllegalArgumentException(
                        "exporters.overrides[" + i + "].address: '" + override.address() + "' is not an IP address");
            }
            try {
                rates.put(
                        InetAddress.getByAddress(bytes),
                        new ExporterOverride(
                                override.samplingRate() == null ? 0 : override.samplingRate(),
                                override.externalInterfaces(),
                                override.egressSampling()));
            } catch (UnknownHostException e) {
                throw new IllegalStateException("an address of 4 or 16 bytes is always one", e);
            }
        }
        return rates;
    }

    private static Cidr cidr(String text, String path) {
        try {
            return Cidr.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable String name(@Nullable LocalRef ref) {
        return ref == null ? null : ref.name();
    }
}
