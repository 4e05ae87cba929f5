package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** The ports that flow telemetry arrives on. */
@ValidationRule(
        value = "(has(self.netflow) ? self.netflow.port : 2055) != (has(self.sflow) ? self.sflow.port : 6343)",
        message = "netflow and sflow must have ports of their own: write another port for one of them")
public record ListenersSpec(
        @JsonPropertyDescription("NetFlow v5, v9 and IPFIX.")
        NetFlow netflow,

        @JsonPropertyDescription("IPFIX over TCP or TLS.") IpfixTcp ipfixTcp,

        @JsonPropertyDescription("sFlow v5.") SFlow sflow,

        @Default("LoadBalancer")
        @JsonPropertyDescription(
                "How exporters outside the cluster reach the pods: ClusterIP, NodePort, LoadBalancer (the exporter's address is kept) or HostPort. Default LoadBalancer.")
        Expose expose) {

    /** The NetFlow and IPFIX listener. */
    public record NetFlow(
            @Default("2055") @Min(1024) @Max(65535) @JsonPropertyDescription("UDP port. Default 2055.")
            int port) {}

    /** The sFlow listener. */
    public record SFlow(
            @Default("6343") @Min(1024) @Max(65535) @JsonPropertyDescription("UDP port. Default 6343.")
            int port) {}

    /** The listener of IPFIX over TCP (RFC 7011 section 10.4). */
    @ValidationRule(
            value = "!has(self.clientCaSecretRef) || has(self.tlsSecretRef)",
            message = "write tlsSecretRef: exporters show certificates only where the listener has one",
            fieldPath = ".clientCaSecretRef")
    public record IpfixTcp(
            @Default("4739") @Min(1024) @Max(65535) @JsonPropertyDescription("TCP port. Default 4739.")
            int port,

            @Default("false") @JsonPropertyDescription("true opens the port. Default false.")
            boolean enabled,

            @Nullable
            @JsonPropertyDescription(
                    "Secret of type kubernetes.io/tls with the listener's certificate. Default: TCP without TLS.")
            LocalRef tlsSecretRef,

            @Nullable
            @JsonPropertyDescription(
                    "Certificates (PEM) of the authority that signs the exporters' own; those without one are refused. Default: any exporter may connect.")
            SecretKeyRef clientCaSecretRef) {}

    /** How the ports are reached. */
    public enum Expose {
        ClusterIP,
        NodePort,
        LoadBalancer,
        HostPort
    }
}
