package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looking into HTTPS: the proxy answers a tunnel's TLS with a certificate of its own authority. */
public record TlsInterceptionSpec(
        @Default("false")
        @JsonPropertyDescription(
                "Answer the TLS of CONNECT tunnels with certificates of this policy's authority, so that what is inside is judged like plain HTTP. Agents must trust the authority. Default false.")
        boolean enabled,

        @Default("[\"*\"]")
        @Size(max = 10000)
        @JsonPropertyDescription(
                "Hosts whose tunnels are intercepted: names, *.example.com for example.com and all below, * for all. Default all.")
        List<@Pattern(Rules.DOMAIN_OR_ALL) @Size(max = 255) String> domains,

        @Default("[]")
        @Size(max = 10000)
        @JsonPropertyDescription(
                "Hosts whose tunnels stay closed to us, whatever domains says, such as those that pin certificates. *.example.com covers example.com and all below.")
        List<@Pattern(Rules.DOMAIN_OR_ALL) @Size(max = 255) String> passthrough,

        @Nullable
        @JsonPropertyDescription(
                "The authority: a Secret of type kubernetes.io/tls whose tls.crt is a CA certificate. Default: one is made once and kept.")
        AuthoritySecretRef caSecretRef,

        @Nullable @JsonPropertyDescription("Authorities that origins may be certified by, beside the public ones.")
        UpstreamTrust upstreamTrust,

        @Default("24h")
        @Pattern(TimeSpan.PATTERN)
        @ValidationRule(
                value = "duration(self) >= duration('1h') && duration(self) <= duration('2160h')",
                message = "must be from 1h to 2160h: write a duration such as 24h")
        @JsonPropertyDescription("How long a certificate made for a host is valid. Default 24h.")
        TimeSpan leafLifetime,

        @Default("10000")
        @Min(16)
        @Max(100000)
        @JsonPropertyDescription(
                "Hosts whose certificate is kept; beyond, the least used is made anew when it is needed. Default 10000.")
        int cacheSize) {

    /** The Secret of an authority. */
    public record AuthoritySecretRef(
            @Required
            @Size(min = 1, max = 253)
            @JsonPropertyDescription("Name of the Secret, in the namespace of this resource.")
            String name) {}

    /** Further authorities for origins. */
    public record UpstreamTrust(
            @Required @JsonPropertyDescription("The ConfigMap and key with certificates as PEM.")
            ConfigMapKeyRef configMapRef) {}

    /** One key of a ConfigMap in the resource's own namespace. */
    public record ConfigMapKeyRef(
            @Required
            @Size(min = 1, max = 253)
            @JsonPropertyDescription("Name of the ConfigMap, in the namespace of this resource.")
            String name,

            @Default("ca.crt")
            @Size(min = 1, max = 253)
            @JsonPropertyDescription("Key inside the ConfigMap. Default ca.crt.")
            String key) {}
}
