package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** Rates; any one above its limit is an attack. A limit left out is not applied. */
@ValidationRule(
        value =
                "[has(self.packetsPerSecond), has(self.bitsPerSecond), has(self.flowsPerSecond), has(self.tcp), has(self.udp), has(self.icmp), has(self.tcpSyn), has(self.fragments)].exists(limit, limit)",
        message = "at least one limit is needed: write one such as packetsPerSecond: 80k")
public record ThresholdsSpec(
        @Nullable
        @ValidationRule(value = Rules.POSITIVE, message = Rules.POSITIVE_MESSAGE)
        @JsonPropertyDescription("Packets a second, for example 80k.")
        Quantity packetsPerSecond,

        @Nullable
        @ValidationRule(value = Rules.POSITIVE, message = Rules.POSITIVE_MESSAGE)
        @JsonPropertyDescription("Bits a second, for example 1G (10^9).")
        Quantity bitsPerSecond,

        @Nullable
        @ValidationRule(value = Rules.POSITIVE, message = Rules.POSITIVE_MESSAGE)
        @JsonPropertyDescription("Flows a second, for example 35k. sFlow samples are packets and count no flows.")
        Quantity flowsPerSecond,

        @Nullable @JsonPropertyDescription("TCP alone.") Rates tcp,

        @Nullable @JsonPropertyDescription("UDP alone.") Rates udp,

        @Nullable @JsonPropertyDescription("ICMP and ICMPv6 alone.")
        Rates icmp,

        @Nullable @JsonPropertyDescription("TCP SYN without ACK alone.")
        Rates tcpSyn,

        @Nullable @JsonPropertyDescription("IP fragments alone.")
        Rates fragments) {

    /** Rates of one protocol class. */
    @ValidationRule(
            value = "has(self.packetsPerSecond) || has(self.bitsPerSecond)",
            message = "at least one limit is needed: write one such as packetsPerSecond: 80k")
    public record Rates(
            @Nullable
            @ValidationRule(value = Rules.POSITIVE, message = Rules.POSITIVE_MESSAGE)
            @JsonPropertyDescription("Packets a second.")
            Quantity packetsPerSecond,

            @Nullable
            @ValidationRule(value = Rules.POSITIVE, message = Rules.POSITIVE_MESSAGE)
            @JsonPropertyDescription("Bits a second.")
            Quantity bitsPerSecond) {}
}
