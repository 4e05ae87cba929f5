package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;

/** Bounds on each request and client. */
public record LimitsSpec(
        @Min(64) @Max(65536) @JsonPropertyDescription("Longest URL in bytes. Default 2048, in Strict 1024.")
        int urlLength,

        @Default("64Ki")
        @ValidationRule(
                value =
                        "quantity(string(self)).compareTo(quantity('1Ki')) >= 0 && quantity(string(self)).compareTo(quantity('1Mi')) <= 0",
                message = "must be from 1Ki to 1Mi: write a size such as 64Ki")
        @JsonPropertyDescription("Largest request header block in bytes. Default 64Ki.")
        Quantity headerBytes,

        @Default("5Mi")
        @ValidationRule(
                value =
                        "quantity(string(self)).compareTo(quantity('1')) >= 0 && quantity(string(self)).compareTo(quantity('1Gi')) <= 0",
                message = "must be from 1 to 1Gi: write a size such as 5Mi")
        @JsonPropertyDescription("Request body scanned at most, in bytes. Default 5Mi.")
        Quantity requestBody,

        @Default("10Mi")
        @ValidationRule(
                value =
                        "quantity(string(self)).compareTo(quantity('1')) >= 0 && quantity(string(self)).compareTo(quantity('1Gi')) <= 0",
                message = "must be from 1 to 1Gi: write a size such as 10Mi")
        @JsonPropertyDescription("Response body scanned at most, in bytes. Default 10Mi.")
        Quantity responseBody,

        @JsonPropertyDescription(
                "Stream lets larger bodies pass beyond the scanned part; Refuse refuses them. Default Stream, in Strict Refuse.")
        OnOversize onOversize,

        @Min(0)
        @Max(1000000)
        @JsonPropertyDescription(
                "Requests a minute to one registrable domain; 0 is unlimited. Default 60, in Strict 30.")
        int requestsPerMinutePerHost,

        @Default("0")
        @Min(0)
        @Max(1000000)
        @JsonPropertyDescription("Requests a minute of one client address, to any host; 0 is unlimited. Default 0.")
        int requestsPerMinutePerClient,

        @Default("0")
        @ValidationRule(
                value = "quantity(string(self)).compareTo(quantity('1Ti')) <= 0",
                message = "must be from 0 to 1Ti: write a size such as 100Mi")
        @JsonPropertyDescription(
                "Bytes a minute to and from one registrable domain, bodies and tunnels; when they are used up, requests are refused and tunnels closed. 0 is unlimited. Default 0.")
        Quantity bytesPerMinutePerHost,

        @Default("256")
        @Min(1)
        @Max(65536)
        @JsonPropertyDescription("Open connections of one client address. Default 256.")
        int connectionsPerClient,

        @Default("1024") @Min(1) @Max(1000000) @JsonPropertyDescription("Open CONNECT tunnels. Default 1024.")
        int tunnels,

        @Default("5m")
        @Pattern(TimeSpan.PATTERN)
        @ValidationRule(
                value = "duration(self) >= duration('100ms') && duration(self) <= duration('168h')",
                message = "must be from 100ms to 168h: write a duration such as 5m")
        @JsonPropertyDescription("Longest life of a tunnel. Default 5m.")
        TimeSpan tunnelLifetime,

        @Default("2m")
        @Pattern(TimeSpan.PATTERN)
        @ValidationRule(
                value = "duration(self) >= duration('100ms') && duration(self) <= duration('24h')",
                message = "must be from 100ms to 24h: write a duration such as 2m")
        @JsonPropertyDescription("Connections with no traffic for this long are closed. Default 2m.")
        TimeSpan idleTimeout,

        @Default("5s")
        @Pattern(TimeSpan.PATTERN)
        @ValidationRule(
                value = "duration(self) >= duration('100ms') && duration(self) <= duration('5m')",
                message = "must be from 100ms to 5m: write a duration such as 5s")
        @JsonPropertyDescription("Time a client has to send a request header. Default 5s.")
        TimeSpan headerTimeout) {

    /** What happens to a body beyond the scanned size. */
    public enum OnOversize {
        Stream,
        Refuse
    }
}
