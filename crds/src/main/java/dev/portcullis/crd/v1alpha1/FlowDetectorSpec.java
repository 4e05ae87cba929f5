package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which flow exporters are believed, which networks are protected, and what counts as an attack. */
@ValidationRule(
        value =
                "!has(self.listeners) || !has(self.listeners.ipfixTcp) || !self.listeners.ipfixTcp.enabled || !has(self.api) || self.listeners.ipfixTcp.port != self.api.port",
        message = "listeners.ipfixTcp and api must have ports of their own: write another port for one of them",
        fieldPath = ".listeners")
@ValidationRule(
        value = "has(self.api) && (self.api.allowUnauthenticated || size(self.api.tokens) > 0)",
        message =
                "the API needs a token: write api.tokens with a name, a role and a secretKeyRef, or api.allowUnauthenticated: true",
        fieldPath = ".api")
public record FlowDetectorSpec(
        @JsonPropertyDescription("The ports flow telemetry arrives on.")
        ListenersSpec listeners,

        @JsonPropertyDescription("The devices whose telemetry is believed.")
        Exporters exporters,

        @JsonPropertyDescription("Sampling of exporters that do not state theirs.")
        Sampling sampling,

        @Required
        @Size(min = 1, max = 256)
        @ValidationRule(value = Rules.CIDRS, message = Rules.CIDRS_MESSAGE)
        @ValidationRule(
                value = "!self.all(c, isCIDR(c)) || self.all(c, self.exists_one(d, cidr(d).containsCIDR(c)))",
                message = "networks must not overlap: keep the larger of two only, and each once")
        @JsonPropertyDescription(
                "Protected networks as CIDRs, 256 at most, none inside another. Nothing outside is ever an attack's target or banned.")
        List<@Size(max = 43) String> networks,

        @JsonPropertyDescription("Over which time rates are measured.")
        Window window,

        @Required
        @JsonPropertyDescription("Rates towards one host above which it is under attack, in real (unsampled) units.")
        ThresholdsSpec thresholds,

        @Nullable
        @JsonPropertyDescription(
                "Rates from one host above which it is attacking. Default: outgoing traffic is not judged.")
        ThresholdsSpec thresholdsOutgoing,

        @Default("2m")
        @Pattern(TimeSpan.PATTERN)
        @ValidationRule(
                value = "duration(self) <= duration('24h')",
                message = "must be at most 24h: write a duration such as 2m")
        @JsonPropertyDescription("Time below every threshold before an attack is over. Default 2m.")
        TimeSpan hysteresis,

        @Default("[]")
        @Size(max = 1000)
        @JsonPropertyDescription(
                "Parts of the networks with thresholds of their own, 1000 at most; the longest prefix wins.")
        List<HostGroup> hostGroups,

        @Nullable
        @JsonPropertyDescription(
                "Limits on whole prefixes, for attacks spread over so many hosts that none is above its own. Default: not judged.")
        CarpetBombing carpetBombing,

        @JsonPropertyDescription("Limits that follow what is usual of each host.")
        Baseline baseline,

        @JsonPropertyDescription("Flow records kept of each victim.")
        Samples samples,

        @Default("1000000")
        @Min(1000)
        @Max(10000000)
        @JsonPropertyDescription("Most hosts measured at once; heavier hosts displace lighter ones. Default 1000000.")
        int maxTrackedHosts,

        @Nullable @JsonPropertyDescription("What to do about attacks. Default: detect and tell only.")
        LocalRef mitigationPolicyRef,

        @JsonPropertyDescription("The HTTP API: /api/v1 and /metrics.")
        Api api,

        @JsonPropertyDescription("PodMonitor, alerts and dashboard.")
        MonitoringSpec monitoring,

        @JsonPropertyDescription("The collector pods themselves. A change here rolls them.")
        TemplateSpec template) {

    /** Believed exporters. */
    public record Exporters(
            @Default("[]")
            @Size(max = 4096)
            @ValidationRule(value = Rules.ADDRESSES_OR_CIDRS, message = Rules.ADDRESSES_OR_CIDRS_MESSAGE)
            @JsonPropertyDescription(
                    "Addresses or CIDRs of believed exporters; telemetry of others is counted and dropped. Empty: anyone is believed, and a condition says so.")
            List<@Size(max = 43) String> allowed,

            @Default("[]") @Size(max = 4096) @JsonPropertyDescription("Settings of single exporters.")
            List<ExporterOverride> overrides) {}

    /** Settings of one exporter. */
    @ValidationRule(
            value = "has(self.samplingRate) || size(self.externalInterfaces) > 0",
            message = "an override overrides something: write samplingRate, externalInterfaces or both")
    @ValidationRule(
            value = "!self.egressSampling || size(self.externalInterfaces) > 0",
            message = "write externalInterfaces: egressSampling halves what crosses them",
            fieldPath = ".egressSampling")
    public record ExporterOverride(
            @Required
            @Size(max = 39)
            @ValidationRule(value = Rules.ADDRESS, message = Rules.ADDRESS_MESSAGE)
            @JsonPropertyDescription("Address of the exporter.")
            String address,

            @Nullable
            @Min(1)
            @Max(16777215)
            @JsonPropertyDescription(
                    "Its sampling rate, 1 in N packets, whatever its telemetry says. Default: as its telemetry says.")
            Integer samplingRate,

            @Default("[]")
            @Size(max = 1024)
            @JsonPropertyDescription(
                    "ifIndexes by which traffic enters and leaves the network. A record counts as incoming when it came in by one of them and as outgoing when it left by one, so that traffic crossing several interfaces or exporters counts once. Empty: every record counts.")
            List<@Min(1) @Max(4294967295L) Long> externalInterfaces,

            @Default("false")
            @JsonPropertyDescription(
                    "true for an exporter that samples packets on their way in and once more on their way out: its rate is halved. Default false.")
            boolean egressSampling) {}

    /** Sampling defaults. */
    public record Sampling(
            @Default("1")
            @Min(1)
            @Max(16777215)
            @JsonPropertyDescription("Rate (1 in N) of exporters whose telemetry states none. Default 1.")
            int defaultRate,

            @Default("Outer")
            @JsonPropertyDescription(
                    "Which IP header of a sampled packet in a GRE, IP in IP or VXLAN tunnel counts: Outer (the tunnel's ends) or Inner (who talks through it). Default Outer.")
            Tunnels tunnels) {}

    /** Which IP header of a tunnelled packet counts. */
    public enum Tunnels {
        Outer,
        Inner
    }

    /** Measuring window. */
    @ValidationRule(
            value = "duration(self.tick) <= duration(self.length)",
            message = "tick must not be longer than length: write a shorter tick or a longer length",
            fieldPath = ".tick")
    public record Window(
            @Default("5s")
            @Pattern(TimeSpan.SECONDS_PATTERN)
            @ValidationRule(
                    value = "duration(self) >= duration('1s') && duration(self) <= duration('60s')",
                    message = "must be from 1s to 60s: write a duration such as 5s")
            @JsonPropertyDescription("Time a rate is averaged over, whole seconds, 1s to 60s. Default 5s.")
            TimeSpan length,

            @Default("1s")
            @Pattern(TimeSpan.PATTERN)
            @ValidationRule(
                    value = "duration(self) >= duration('100ms') && duration(self) <= duration('10s')",
                    message = "must be from 100ms to 10s: write a duration such as 1s")
            @JsonPropertyDescription("Time between decisions, 100ms to 10s. Default 1s.")
            TimeSpan tick,

            @Default("1")
            @Min(1)
            @Max(60)
            @JsonPropertyDescription("Decisions in a row above a threshold before an attack starts. Default 1.")
            int confirmTicks,

            @Default("5")
            @Min(1)
            @Max(100)
            @JsonPropertyDescription(
                    "Fast path: an attack starts as well when one second alone is above this many times a threshold, 1 to 100. Default 5.")
            int fastPathFactor) {}

    /** Limits on prefixes as a whole. */
    public record CarpetBombing(
            @Default("true") @JsonPropertyDescription("false stops judging prefixes. Default true.")
            boolean enabled,

            @Default("24")
            @Min(8)
            @Max(32)
            @JsonPropertyDescription("Length of the IPv4 prefixes that are measured as one, 8 to 32. Default 24.")
            int prefixLengthV4,

            @Default("48")
            @Min(16)
            @Max(128)
            @JsonPropertyDescription("Length of the IPv6 prefixes that are measured as one, 16 to 128. Default 48.")
            int prefixLengthV6,

            @Default("10")
            @Min(2)
            @Max(256)
            @JsonPropertyDescription(
                    "Least hosts that the traffic must go to, those under attack of their own left out, 2 to 256. Default 10.")
            int minHosts,

            @Required @JsonPropertyDescription("Rates towards one prefix above which it is under attack.")
            ThresholdsSpec thresholds) {}

    /** Learned limits. */
    @ValidationRule(
            value = "!self.enabled || has(self.floor)",
            message =
                    "floor is needed: write rates below which no host is ever called attacked, such as floor: {packetsPerSecond: 1k, bitsPerSecond: 10M, flowsPerSecond: 500}",
            fieldPath = ".enabled")
    public record Baseline(
            @Default("false")
            @JsonPropertyDescription(
                    "true tightens thresholds to factor times what is usual of each host; it never loosens them. Default false.")
            boolean enabled,

            @Default("3")
            @Pattern("^(1\\.[5-9][0-9]{0,2}|([2-9]|[1-9][0-9])(\\.[0-9]{1,3})?|100)$")
            @JsonPropertyDescription("How many times what is usual is an attack, 1.5 to 100. Default \"3\".")
            String factor,

            @Default("1h")
            @Pattern(TimeSpan.SECONDS_PATTERN)
            @ValidationRule(
                    value = "duration(self) >= duration('10s') && duration(self) <= duration('168h')",
                    message = "must be from 10s to 168h: write a duration such as 1h")
            @JsonPropertyDescription("Time after which an old rate counts half, 10s to 168h. Default 1h.")
            TimeSpan halfLife,

            @Default("10m")
            @Pattern(TimeSpan.SECONDS_PATTERN)
            @ValidationRule(
                    value = "duration(self) <= duration('24h')",
                    message = "must be at most 24h: write a duration such as 10m")
            @JsonPropertyDescription(
                    "Time a host is watched before its thresholds are tightened, 24h at most. Default 10m.")
            TimeSpan warmUp,

            @Default("true")
            @JsonPropertyDescription(
                    "true knows what is usual by the hour of the week as well, so that a busy Monday morning is no attack. Default true.")
            boolean seasonal,

            @Nullable @JsonPropertyDescription("Rates below which no threshold falls.")
            Floor floor) {}

    /** Least thresholds. */
    public record Floor(
            @Required
            @ValidationRule(value = Rules.POSITIVE, message = Rules.POSITIVE_MESSAGE)
            @JsonPropertyDescription("Packets a second, for example 1k.")
            Quantity packetsPerSecond,

            @Required
            @ValidationRule(value = Rules.POSITIVE, message = Rules.POSITIVE_MESSAGE)
            @JsonPropertyDescription("Bits a second, for example 10M.")
            Quantity bitsPerSecond,

            @Required
            @ValidationRule(value = Rules.POSITIVE, message = Rules.POSITIVE_MESSAGE)
            @JsonPropertyDescription("Flows a second, for example 500.")
            Quantity flowsPerSecond) {}

    /** Samples of victims' traffic. */
    public record Samples(
            @Default("2000")
            @Min(100)
            @Max(20000)
            @JsonPropertyDescription(
                    "Flow records kept of one victim, chosen evenly from all, 100 to 20000; 64 MiB in all. Default 2000.")
            int flowsPerVictim) {}

    /** What the limits of a host group are on. */
    public enum Calculation {
        PerHost,
        Total
    }

    /** A part of the protected networks. */
    @ValidationRule(
            value = "self.calculation != 'Total' || has(self.thresholds)",
            message =
                    "thresholds are needed with calculation: Total, those of the detector are for one host: write some such as {packetsPerSecond: 1M}",
            fieldPath = ".calculation")
    @ValidationRule(
            value = "self.calculation != 'Total' || !has(self.mitigationPolicyRef)",
            message =
                    "a group with calculation: Total is never banned, as no single host is judged: remove it or write calculation: PerHost",
            fieldPath = ".mitigationPolicyRef")
    public record HostGroup(
            @Required @Pattern(Rules.NAME) @JsonPropertyDescription("Name of the group.")
            String name,

            @Required
            @Size(min = 1, max = 64)
            @ValidationRule(value = Rules.CIDRS, message = Rules.CIDRS_MESSAGE)
            @JsonPropertyDescription("CIDRs of the group, each inside one of networks, 64 at most.")
            List<@Size(max = 43) String> prefixes,

            @Default("PerHost")
            @JsonPropertyDescription(
                    "PerHost: the thresholds are of each host. Total: of all hosts of the group together; such an attack is told of and never banned. Default PerHost.")
            Calculation calculation,

            @Nullable @JsonPropertyDescription("Thresholds of the group's hosts. Default: those of the detector.")
            ThresholdsSpec thresholds,

            @Nullable
            @JsonPropertyDescription("Outgoing thresholds of the group's hosts. Default: those of the detector.")
            ThresholdsSpec thresholdsOutgoing,

            @Nullable @JsonPropertyDescription("What to do about attacks on the group. Default: the detector's policy.")
            LocalRef mitigationPolicyRef) {}

    /** HTTP API. */
    public record Api(
            @Default("8080")
            @Min(1024)
            @Max(65535)
            @JsonPropertyDescription("TCP port of /api/v1, /metrics, /healthz and /status. Default 8080.")
            int port,

            @Default("[]")
            @Size(max = 100)
            @JsonPropertyDescription("Bearer tokens. At least one, unless allowUnauthenticated is true.")
            List<ApiToken> tokens,

            @Default("false")
            @JsonPropertyDescription(
                    "true serves /api/v1, bans included, to anyone who can reach the port. Default false.")
            boolean allowUnauthenticated) {}

    /** A bearer token of the API. */
    public record ApiToken(
            @Required @Pattern(Rules.NAME) @JsonPropertyDescription("Name for the audit log.")
            String name,

            @Required @JsonPropertyDescription("Viewer reads; Operator also bans and unbans.")
            Role role,

            @Required @JsonPropertyDescription("Where the token is kept, at least 16 bytes.")
            SecretKeyRef secretKeyRef) {}

    /** What a token may do. */
    public enum Role {
        Viewer,
        Operator
    }
}
