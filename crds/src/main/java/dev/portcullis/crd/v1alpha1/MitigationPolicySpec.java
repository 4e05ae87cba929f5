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

/** What is done about an attack, what is never done, and the routers that are told. */
@ValidationRule(
        value = "self.dryRun || self.method == 'None' || has(self.bgp)",
        message =
                "dryRun: false needs a router to tell: write bgp with localAsn, routerId and neighbors, or method: None, or dryRun: true",
        fieldPath = ".dryRun")
@ValidationRule(
        value =
                "self.dryRun || self.method != 'FlowSpec' || self.fallback != 'None' || !has(self.bgp) || self.bgp.neighbors.exists(n, n.families.exists(f, f.endsWith('FlowSpec')))",
        message =
                "no neighbor takes FlowSpec: add IPv4FlowSpec or IPv6FlowSpec to its families, or write fallback: Blackhole",
        fieldPath = ".method")
public record MitigationPolicySpec(
        @Default("true")
        @JsonPropertyDescription("true decides and records everything and announces nothing. Default true.")
        boolean dryRun,

        @Default("[]")
        @Size(max = 10000)
        @ValidationRule(value = Rules.ADDRESSES_OR_CIDRS, message = Rules.ADDRESSES_OR_CIDRS_MESSAGE)
        @JsonPropertyDescription("Addresses and CIDRs that are never banned, by hand or automatically.")
        List<@Size(max = 43) String> whitelist,

        @Default("Blackhole")
        @JsonPropertyDescription(
                "None tells only; Blackhole announces the victim's host route; FlowSpec announces filters for the attack's traffic. Default Blackhole.")
        Method method,

        @Default("Blackhole")
        @JsonPropertyDescription(
                "What is done when no established peer takes FlowSpec: Blackhole or None. Default Blackhole.")
        Fallback fallback,

        @JsonPropertyDescription("How long, how many and how fast bans may be.")
        Ban ban,

        @JsonPropertyDescription("Attributes of FlowSpec rules.")
        FlowSpec flowSpec,

        @JsonPropertyDescription("Attributes of blackhole routes.")
        Blackhole blackhole,

        @Nullable
        @JsonPropertyDescription("The BGP speaker and its neighbours. Default: none, so nothing can be announced.")
        Bgp bgp) {

    /** A way to stop an attack's traffic. */
    public enum Method {
        None,
        FlowSpec,
        Blackhole
    }

    /** What replaces FlowSpec where it cannot be announced. */
    public enum Fallback {
        None,
        Blackhole
    }

    /** Bounds on bans. */
    public record Ban(
            @Default("10m")
            @Pattern(TimeSpan.PATTERN)
            @ValidationRule(
                    value = "duration(self) >= duration('1s') && duration(self) <= duration('168h')",
                    message = "must be from 1s to 168h: write a duration such as 10m")
            @JsonPropertyDescription("Life of a ban; renewed while its attack lasts. Default 10m.")
            TimeSpan ttl,

            @Default("50") @Min(1) @Max(100000) @JsonPropertyDescription("Most bans at once. Default 50.")
            int maxActive,

            @Default("100") @Min(1) @Max(100000) @JsonPropertyDescription("Most new bans in one window. Default 100.")
            int maxPerWindow,

            @Default("1m")
            @Pattern(TimeSpan.PATTERN)
            @ValidationRule(
                    value = "duration(self) >= duration('1s') && duration(self) <= duration('24h')",
                    message = "must be from 1s to 24h: write a duration such as 1m")
            @JsonPropertyDescription("The window of maxPerWindow. Default 1m.")
            TimeSpan window,

            @Default("0.05")
            @Pattern("^(0(\\.[0-9]{1,6})?|1(\\.0{1,6})?)$")
            @JsonPropertyDescription(
                    "Most of the protected addresses of one family that may be banned at once, 0 to 1; at least one address always may. Default \"0.05\".")
            String maxBannedFraction) {}

    /** FlowSpec attributes (RFC 8955, RFC 8956). */
    @ValidationRule(
            value = "self.action != 'RateLimit' || has(self.rate)",
            message = "RateLimit needs a rate: write rate with the bits a second to let through, such as 100M",
            fieldPath = ".rate",
            reason = "FieldValueRequired")
    @ValidationRule(
            value = "self.action == 'RateLimit' || !has(self.rate)",
            message = "only RateLimit has a rate: remove rate or write action: RateLimit",
            fieldPath = ".rate")
    public record FlowSpec(
            @Default("Discard") @JsonPropertyDescription("Discard, or RateLimit to rate. Default Discard.")
            FlowSpecAction action,

            @Nullable
            @ValidationRule(value = Rules.POSITIVE, message = Rules.POSITIVE_MESSAGE)
            @JsonPropertyDescription("Bits a second let through by RateLimit, for example 100M.")
            Quantity rate,

            @Default("false")
            @JsonPropertyDescription(
                    "true lets a rule without protocol or port match drop all traffic to the victim; false announces none for attacks of mixed traffic. Default false.")
            boolean allowDestinationOnly,

            @Default("500") @Min(1) @Max(100000) @JsonPropertyDescription("Most rules announced at once. Default 500.")
            int maxRules) {}

    /** What a FlowSpec rule does. */
    public enum FlowSpecAction {
        Discard,
        RateLimit
    }

    /** Blackhole attributes (RFC 7999). */
    public record Blackhole(
            @Default("192.0.2.1")
            @Size(max = 15)
            @ValidationRule(value = Rules.IPV4, message = Rules.IPV4_MESSAGE)
            @JsonPropertyDescription("IPv4 next hop of blackhole routes. Default 192.0.2.1.")
            String nextHop,

            @Default("100::1")
            @Size(max = 39)
            @ValidationRule(value = Rules.IPV6, message = Rules.IPV6_MESSAGE)
            @JsonPropertyDescription("IPv6 next hop of blackhole routes. Default 100::1 (RFC 6666).")
            String nextHop6,

            @Default("[\"65535:666\"]")
            @Size(max = 32)
            @JsonPropertyDescription("Communities as two 16-bit numbers. Default 65535:666, BLACKHOLE.")
            List<
                            @Pattern(
                                    "^(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9]?[0-9]{1,3}):(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9]?[0-9]{1,3})$")
                            String>
                    communities,

            @Default("0")
            @Min(0)
            @Max(4294967295L)
            @JsonPropertyDescription("LOCAL_PREF for internal neighbours; 0 sends 100. Default 0.")
            long localPref) {}

    /** BGP speaker. */
    public record Bgp(
            @Required @Min(1) @Max(4294967295L) @JsonPropertyDescription("Autonomous system of this speaker.")
            long localAsn,

            @Required
            @Size(max = 15)
            @ValidationRule(value = Rules.IPV4 + " && self != '0.0.0.0'", message = Rules.IPV4_MESSAGE)
            @JsonPropertyDescription("BGP identifier, as an IPv4 address.")
            String routerId,

            @Default("90s")
            @Pattern(TimeSpan.SECONDS_PATTERN)
            @ValidationRule(
                    value = "duration(self) >= duration('3s') && duration(self) <= duration('18h')",
                    message = "must be from 3s to 18h: write a duration such as 90s")
            @JsonPropertyDescription("Hold time offered, 3s to 18h. Default 90s.")
            TimeSpan holdTime,

            @Required
            @Size(min = 1, max = 64)
            @ValidationRule(
                    value = "self.all(n, self.exists_one(m, m.address == n.address && m.port == n.port))",
                    message = "two neighbors have one address and port: remove one or write another port")
            @JsonPropertyDescription("The routers that are told.")
            List<Neighbor> neighbors) {}

    /** A BGP neighbour. */
    public record Neighbor(
            @Required @Pattern(Rules.NAME) @JsonPropertyDescription("Name in status, metrics and log.")
            String name,

            @Required
            @Size(max = 39)
            @ValidationRule(value = Rules.ADDRESS, message = Rules.ADDRESS_MESSAGE)
            @JsonPropertyDescription("Address of the router.")
            String address,

            @Default("179") @Min(1) @Max(65535) @JsonPropertyDescription("TCP port of the router. Default 179.")
            int port,

            @Required @Min(1) @Max(4294967295L) @JsonPropertyDescription("Autonomous system of the router.")
            long remoteAsn,

            @Nullable @JsonPropertyDescription("TCP-MD5 password (RFC 2385). Default: none.")
            SecretKeyRef passwordSecretRef,

            @Default("[\"IPv4Unicast\", \"IPv6Unicast\", \"IPv4FlowSpec\", \"IPv6FlowSpec\"]")
            @Size(min = 1, max = 4)
            @JsonPropertyDescription("Address families offered. Default: all four.")
            List<Family> families) {}

    /** A BGP address family (RFC 4760). */
    public enum Family {
        IPv4Unicast,
        IPv6Unicast,
        IPv4FlowSpec,
        IPv6FlowSpec
    }
}
