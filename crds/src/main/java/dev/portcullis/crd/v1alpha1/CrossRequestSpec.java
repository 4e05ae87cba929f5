package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;

/** What several requests of one client give away together that none of them does alone. */
public record CrossRequestSpec(
        @Default("false") @JsonPropertyDescription("Look across requests. Default false.")
        boolean enabled,

        @Default("Block")
        @JsonPropertyDescription(
                "Block refuses the request that completes a secret begun in earlier ones, Warn reports it. Default Block.")
        Action action,

        @JsonPropertyDescription("How much information a client may send.")
        EntropyBudget entropyBudget,

        @JsonPropertyDescription("What is kept of earlier requests.")
        Fragments fragments) {

    /** A limit on the information that leaves, whatever it is. */
    public record EntropyBudget(
            @Default("500000")
            @Min(0)
            @Max(2000000000)
            @JsonPropertyDescription(
                    "Bits that the queries and the first 64Ki of the bodies of one client may carry within window, measured as Shannon entropy; 0 is off. Default 500000.")
            int bits,

            @Default("5m")
            @Pattern(TimeSpan.PATTERN)
            @ValidationRule(
                    value = "duration(self) >= duration('1s') && duration(self) <= duration('24h')",
                    message = "must be from 1s to 24h: write a duration such as 5m")
            @JsonPropertyDescription("Time over which bits are added up. Default 5m.")
            TimeSpan window,

            @Default("Warn")
            @JsonPropertyDescription("Block refuses a client that is over its budget, Warn reports it. Default Warn.")
            Action action) {}

    /** The buffer of what was sent. */
    public record Fragments(
            @Default("64Ki")
            @ValidationRule(
                    value =
                            "quantity(string(self)).compareTo(quantity('4Ki')) >= 0 && quantity(string(self)).compareTo(quantity('1Mi')) <= 0",
                    message = "must be from 4Ki to 1Mi: write a size such as 64Ki")
            @JsonPropertyDescription("Bytes kept of one client, up to 512 for each name of a value. Default 64Ki.")
            Quantity bytes,

            @Default("5m")
            @Pattern(TimeSpan.PATTERN)
            @ValidationRule(
                    value = "duration(self) >= duration('1s') && duration(self) <= duration('24h')",
                    message = "must be from 1s to 24h: write a duration such as 5m")
            @JsonPropertyDescription("A name that nothing was sent under for this long is forgotten. Default 5m.")
            TimeSpan window) {}
}
