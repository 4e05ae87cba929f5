package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.BuiltInClass;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Data-loss prevention. */
public record DlpSpec(
        @JsonPropertyDescription(
                "Block refuses a request with a secret in it, Warn reports it. Default Block, in Audit Warn.")
        Action action,

        @JsonPropertyDescription("Which request headers are scanned.")
        Headers headers,

        @Default("[]")
        @Size(max = 256)
        @JsonPropertyDescription(
                "Built-in credential classes that are not looked for, by name. A name that is none makes the pods refuse the configuration; core classes stay.")
        List<@Size(min = 1, max = 64) String> disabledClasses,

        @Default("[]")
        @Size(max = 256)
        @JsonPropertyDescription(
                "What is different about built-in credential classes: severity, action, hosts they may be sent to. A class that is off unless it is named, such as aba-routing-number, is on when it is here.")
        List<BuiltInClass> classes,

        @Default("[]") @Size(max = 1000) @JsonPropertyDescription("Your own classes, as RE2 regular expressions.")
        List<SecretPattern> patterns,

        @Default("[]")
        @Size(max = 1000)
        @JsonPropertyDescription("Values that must never leave, plain or in base64, hex or percent encoding.")
        List<KnownSecret> known,

        @Default("true")
        @JsonPropertyDescription(
                "Look for wallet seed phrases: BIP-39 words of any of its ten lists with a right checksum. Default true.")
        boolean seedPhrases,

        @Default("[]")
        @Size(max = 32)
        @JsonPropertyDescription(
                "Bait that nobody has a reason to send: found in any case, encoding and with anything between its characters.")
        List<Canary> canaries,

        @JsonPropertyDescription("Values that go on as placeholders.")
        RedactSpec redact) {

    /** Header scanning. */
    public record Headers(
            @Default("Sensitive")
            @JsonPropertyDescription(
                    "Sensitive scans the headers of names, All every header, Off none. Default Sensitive.")
            HeaderScan scan,

            @Default(
                    "[\"Authorization\", \"Cookie\", \"X-Api-Key\", \"X-Token\", \"Proxy-Authorization\", \"X-Goog-Api-Key\"]")
            @Size(max = 64)
            @JsonPropertyDescription("The headers that Sensitive scans.")
            List<@Pattern("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$") String> names) {}

    /** Which headers are scanned. */
    public enum HeaderScan {
        Sensitive,
        All,
        Off
    }

    /** A user's own credential class. */
    public record SecretPattern(
            @Required
            @Pattern("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
            @JsonPropertyDescription("Name of the class, lower case with dashes.")
            String name,

            @Required
            @Size(min = 1, max = 1024)
            @JsonPropertyDescription("RE2 regular expression; no look-around, no back-references.")
            String regex,

            @Default("high") @JsonPropertyDescription("low, medium, high or critical. Default high.")
            Severity severity,

            @Nullable @JsonPropertyDescription("Block or Warn for this class. Default: the action of dlp.")
            Action action,

            @Default("[]") @Size(max = 256) @JsonPropertyDescription("Hosts this class may be sent to.")
            List<@Pattern(Rules.DOMAIN) @Size(max = 255) String> exemptDomains) {}

    /** A secret by value. */
    public record KnownSecret(
            @Required @JsonPropertyDescription("The Secret and key that hold the value, at least 8 bytes.")
            SecretKeyRef secretKeyRef) {}

    /** A value that only a thief would send. */
    public record Canary(
            @Required
            @Pattern("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
            @JsonPropertyDescription("What findings call it, lower case with dashes.")
            String name,

            @Required
            @JsonPropertyDescription(
                    "The Secret and key that hold the value, at least 8 bytes that are letters or digits.")
            SecretKeyRef secretKeyRef) {}
}
