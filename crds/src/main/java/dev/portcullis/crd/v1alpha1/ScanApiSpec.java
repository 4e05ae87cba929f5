package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** The scan API: a listener of its own that scans what programs ask about and answers allow or deny. */
public record ScanApiSpec(
        @Default("false") @JsonPropertyDescription("Open the scan API's port. Default false.")
        boolean enabled,

        @Default("9990")
        @Min(1024)
        @Max(65535)
        @ValidationRule(value = "self != 9090", message = "must not be 9090, the admin port of the pods")
        @JsonPropertyDescription(
                "TCP port of POST /v1/scan and POST /api/v1/scan; /health answers there too. Default 9990.")
        int port,

        @Required @JsonPropertyDescription("The bearer tokens: one a line, each at least 16 bytes, 64 at most.")
        SecretKeyRef tokenSecretRef,

        @Default("600")
        @Min(0)
        @Max(1000000)
        @JsonPropertyDescription(
                "Inputs a minute that each token may have scanned, in bursts of 50 at most; 0 is unlimited. Default 600.")
        int requestsPerMinute,

        @Default("[\"url\", \"dlp\", \"prompt_injection\", \"tool_call\"]")
        @Size(min = 1, max = 4)
        @JsonPropertyDescription("What may be asked about. Default: url, dlp, prompt_injection and tool_call.")
        List<ScanKind> kinds) {

    /** What a call of the scan API asks about; the names are those on the wire. */
    public enum ScanKind {
        url,
        dlp,
        prompt_injection,
        tool_call
    }
}
