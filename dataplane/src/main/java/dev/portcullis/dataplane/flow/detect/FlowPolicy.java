package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.v1alpha1.FlowDetectorSpec;
import dev.portcullis.crd.v1alpha1.LocalRef;
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
        @Nullable PrefixTable allowedExporters,
        Set<InetAddress> listedExporters,
        DecodeRules decode) {
    private static final String GLOBAL = "global";

    public FlowPolicy {
        groups = List.copyOf(groups);
        listedExporters = Set.copyOf(listedExporters);
    }

    /**
     * Compiles {@code config}.
     *
     * @throws IllegalArgumentException with the field path, when a value is none; the Resolver lets no such one through
     */
    public static FlowPolicy compile(FlowConfig config) {
        var spec = config.spec();
        var groups = new ArrayList<HostGroup>();
        var networks = new ArrayList<PrefixTable.Entry>();
        var incoming = limits(spec.thresholds());
        var outgoing = spec.thresholdsOutgoing() == null ? null : limits(spec.thresholdsOutgoing());
        groups.add(new HostGroup(GLOBAL, incoming, outgoing, name(spec.mitigationPolicyRef())));
        for (var i = 0; i < spec.networks().size(); i++) {
            networks.add(new PrefixTable.Entry(cidr(spec.networks().get(i), "networks[" + i + "]"), 0));
        }
        for (var i = 0; i < spec.hostGroups().size(); i++) {
            var group = spec.hostGroups().get(i);
            groups.add(new HostGroup(
                    group.name(),
                    group.thresholds() == null ? incoming : limits(group.thresholds()),
                    group.thresholdsOutgoing() == null ? outgoing : limits(group.thresholdsOutgoing()),
                    name(
                            group.mitigationPolicyRef() == null
                                    ? spec.mitigationPolicyRef()
                                    : group.mitigationPolicyRef())));
            for (var j = 0; j < group.prefixes().size(); j++) {
                var path = "hostGroups[" + i + "].prefixes[" + j + "]";
                networks.add(new PrefixTable.Entry(cidr(group.prefixes().get(j), path), groups.size() - 1));
            }
        }
        var window = spec.window();
        var overrides = overrides(spec.exporters().overrides());
        var listed = new HashSet<>(overrides.keySet());
        for (var exporter : spec.exporters().allowed()) {
            var prefix = cidr(exporter, "exporters.allowed");
            if (prefix.length() == 128) {
                listed.add(IpBits.address(prefix.high(), prefix.low()));
            }
        }
        return new FlowPolicy(
                config,
                groups,
                plan(
                        networks,
                        groups,
                        Math.toIntExact(window.length().duration().toSeconds()),
                        spec.maxTrackedHosts()),
                window.tick().duration(),
                window.confirmTicks(),
                spec.hysteresis().duration(),
                allowed(spec.exporters().allowed()),
                listed,
                new DecodeRules(
                        overrides,
                        spec.sampling().defaultRate(),
                        spec.sampling().tunnels() == FlowDetectorSpec.Tunnels.Inner));
    }

    private static WindowPlan plan(
            List<PrefixTable.Entry> networks, List<HostGroup> groups, int seconds, int maxHosts) {
        var incoming = new long[groups.size() * Metric.COUNTERS];
        var outgoing = new long[groups.size() * Metric.COUNTERS];
        var judgesOutgoing = new boolean[groups.size()];
        Arrays.fill(incoming, Long.MAX_VALUE);
        Arrays.fill(outgoing, Long.MAX_VALUE);
        for (var i = 0; i < groups.size(); i++) {
            floors(groups.get(i).incoming(), seconds, incoming, i * Metric.COUNTERS);
            var limits = groups.get(i).outgoing();
            if (limits != null) {
                judgesOutgoing[i] = true;
                floors(limits, seconds, outgoing, i * Metric.COUNTERS);
            }
        }
        return new WindowPlan(PrefixTable.of(networks), seconds, maxHosts, incoming, outgoing, judgesOutgoing);
    }

    /** A host is sampled once a second of it holds an eighth of what the window may, or half of what a second may. */
    private static void floors(HostGroup.Limits limits, int seconds, long[] into, int at) {
        for (var metric : Metric.values()) {
            var limit = limits.of(metric);
            if (limit < Double.POSITIVE_INFINITY) {
                var perSecond = metric.bits() ? limit / 8 : limit;
                into[at + metric.counter()] = (long) (perSecond * Math.min(seconds / 8.0, 0.5));
            }
        }
    }

    private static HostGroup.Limits limits(FlowDetectorSpec.Thresholds thresholds) {
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
        return new HostGroup.Limits(limits);
    }

    private static void put(double[] limits, Metric packets, Metric bits, FlowDetectorSpec.@Nullable Rates rates) {
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
