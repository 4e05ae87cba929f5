package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which flow exporters are believed, which networks are protected, and what counts as an attack. */
public record FlowDetectorSpec(
        @JsonPropertyDescription("The UDP ports flow telemetry arrives on.")
        Listeners listeners,

        @JsonPropertyDescription("The devices whose telemetry is believed.")
        Exporters exporters,

        @JsonPropertyDescription("Sampling of exporters that do not state theirs.")
        Sampling sampling,

        @Required
        @Size(min = 1, max = 10000)
        @JsonPropertyDescription(
                "Protected networks as CIDRs, none inside another. Nothing outside is ever an attack's target or banned.")
        List<String> networks,

        @JsonPropertyDescription("Over which time rates are measured.")
        Window window,

        @Required
        @JsonPropertyDescription("Rates towards one host above which it is under attack, in real (unsampled) units.")
        Thresholds thresholds,

        @Nullable
        @JsonPropertyDescription(
                "Rates from one host above which it is attacking. Default: outgoing traffic is not judged.")
        Thresholds thresholdsOutgoing,

        @Default("2m")
        @Pattern(TimeSpan.PATTERN)
        @JsonPropertyDescription("Time below every threshold before an attack is over. Default 2m.")
        TimeSpan hysteresis,

        @Default("[]")
        @Size(max = 1000)
        @JsonPropertyDescription("Parts of the networks with thresholds of their own; the longest prefix wins.")
        List<HostGroup> hostGroups,

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

    /** UDP listeners. */
    public record Listeners(
            @JsonPropertyDescription("NetFlow v5, v9 and IPFIX.")
            NetFlowListener netflow,

            @JsonPropertyDescription("sFlow v5.") SFlowListener sflow,

            @Default("LoadBalancer")
            @JsonPropertyDescription(
                    "How exporters outside the cluster reach the pods: ClusterIP, NodePort, LoadBalancer (the exporter's address is kept) or HostPort. Default LoadBalancer.")
            Expose expose) {}

    /** The NetFlow and IPFIX listener. */
    public record NetFlowListener(
            @Default("2055") @Min(1024) @Max(65535) @JsonPropertyDescription("UDP port. Default 2055.")
            int port) {}

    /** The sFlow listener. */
    public record SFlowListener(
            @Default("6343") @Min(1024) @Max(65535) @JsonPropertyDescription("UDP port. Default 6343.")
            int port) {}

    /** How the UDP ports are reached. */
    public enum Expose {
        ClusterIP,
        NodePort,
        LoadBalancer,
        HostPort
    }

    /** Believed exporters. */
    public record Exporters(
            @Default("[]")
            @Size(max = 4096)
            @JsonPropertyDescription(
                    "Addresses or CIDRs of believed exporters; telemetry of others is counted and dropped. Empty: anyone is believed, and a condition says so.")
            List<String> allowed,

            @Default("[]") @Size(max = 4096) @JsonPropertyDescription("Settings of single exporters.")
            List<ExporterOverride> overrides) {}

    /** Settings of one exporter. */
    public record ExporterOverride(
            @Required @JsonPropertyDescription("Address of the exporter.")
            String address,

            @Required
            @Min(1)
            @Max(16777215)
            @JsonPropertyDescription("Its sampling rate, 1 in N packets, whatever its telemetry says.")
            int samplingRate) {}

    /** Sampling defaults. */
    public record Sampling(
            @Default("1")
            @Min(1)
            @Max(16777215)
            @JsonPropertyDescription("Rate (1 in N) of exporters whose telemetry states none. Default 1.")
            int defaultRate) {}

    /** Measuring window. */
    public record Window(
            @Default("5s")
            @Pattern(TimeSpan.PATTERN)
            @JsonPropertyDescription("Time a rate is averaged over, whole seconds, 1s to 60s. Default 5s.")
            TimeSpan length,

            @Default("1s")
            @Pattern(TimeSpan.PATTERN)
            @JsonPropertyDescription("Time between decisions, 100ms to 10s. Default 1s.")
            TimeSpan tick,

            @Default("1")
            @Min(1)
            @Max(60)
            @JsonPropertyDescription("Decisions in a row above a threshold before an attack starts. Default 1.")
            int confirmTicks) {}

    /** Rates; any one above its limit is an attack. A limit left out is not applied. */
    public record Thresholds(
            @Nullable @JsonPropertyDescription("Packets a second, for example 80k.")
            Quantity packetsPerSecond,

            @Nullable @JsonPropertyDescription("Bits a second, for example 1G (10^9).")
            Quantity bitsPerSecond,

            @Nullable
            @JsonPropertyDescription("Flows a second, for example 35k. sFlow samples are packets and count no flows.")
            Quantity flowsPerSecond,

            @Nullable @JsonPropertyDescription("TCP alone.") Rates tcp,

            @Nullable @JsonPropertyDescription("UDP alone.") Rates udp,

            @Nullable @JsonPropertyDescription("ICMP and ICMPv6 alone.")
            Rates icmp,

            @Nullable @JsonPropertyDescription("TCP SYN without ACK alone.")
            Rates tcpSyn,

            @Nullable @JsonPropertyDescription("IP fragments alone.")
            Rates fragments) {}

    /** Rates of one protocol class. */
    public record Rates(
            @Nullable @JsonPropertyDescription("Packets a second.")
            Quantity packetsPerSecond,

            @Nullable @JsonPropertyDescription("Bits a second.")
            Quantity bitsPerSecond) {}

    /** A part of the protected networks. */
    public record HostGroup(
            @Required @Pattern("^[A-Za-z0-9._-]{1,64}$") @JsonPropertyDescription("Name of the group.")
            String name,

            @Required
            @Size(min = 1, max = 10000)
            @JsonPropertyDescription("CIDRs of the group, each inside one of networks.")
            List<String> prefixes,

            @Nullable @JsonPropertyDescription("Thresholds of the group's hosts. Default: those of the detector.")
            Thresholds thresholds,

            @Nullable
            @JsonPropertyDescription("Outgoing thresholds of the group's hosts. Default: those of the detector.")
            Thresholds thresholdsOutgoing,

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
            @Required @Pattern("^[A-Za-z0-9._-]{1,64}$") @JsonPropertyDescription("Name for the audit log.")
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
