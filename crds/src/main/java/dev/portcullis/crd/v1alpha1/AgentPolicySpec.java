package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which agents are guarded, what may leave them and reach them, and how hard that is enforced. */
public record AgentPolicySpec(
        @Default("Balanced")
        @JsonPropertyDescription(
                "Preset that fills every unset field. Strict: only allowed domains, every finding blocks. Balanced. Audit: refuses nothing but what the kill switch refuses, and says what it would have refused. Default Balanced.")
        Mode mode,

        @Default("8888")
        @Min(1024)
        @Max(65535)
        @JsonPropertyDescription("TCP port of the proxy; /health, /metrics and /stats answer there too. Default 8888.")
        int port,

        @JsonPropertyDescription("The pods this policy guards.")
        AgentPods agentPods,

        @JsonPropertyDescription("How the proxy names the agent behind a request.")
        Identity identity,

        @JsonPropertyDescription("Host names agents may and may not reach.")
        Domains domains,

        @JsonPropertyDescription("Addresses agents may reach, whatever the name (server-side request forgery).")
        Network network,

        @JsonPropertyDescription("Sizes, rates and times that bound every request.")
        LimitsSpec limits,

        @JsonPropertyDescription("CONNECT tunnels.") Connect connect,

        @JsonPropertyDescription("Looking into the HTTPS inside CONNECT tunnels.")
        TlsInterceptionSpec tlsInterception,

        @JsonPropertyDescription("WebSocket connections whose messages are seen.")
        WebSocket webSocket,

        @JsonPropertyDescription("The GET /fetch?url= endpoint.")
        Fetch fetch,

        @Default("[]")
        @Size(max = 16)
        @JsonPropertyDescription(
                "Servers that agents reach by a port of the proxy, such as tools inside the cluster. A change of name or port rolls the pods.")
        List<ReverseProxy> reverseProxies,

        @JsonPropertyDescription("Secrets in what leaves: URL, headers and bodies.")
        DlpSpec dlp,

        @JsonPropertyDescription("Crypto currency addresses in what leaves, known and look-alike.")
        AddressesSpec addresses,

        @JsonPropertyDescription("High-entropy strings in URLs and host names.")
        Entropy entropy,

        @JsonPropertyDescription("Prompt injection in what comes back.")
        Injection injection,

        @JsonPropertyDescription("Images, audio and video in what comes back.")
        MediaSpec media,

        @JsonPropertyDescription("What several requests of one client give away together.")
        CrossRequestSpec crossRequest,

        @JsonPropertyDescription("Secrets in files that agents write.")
        FileSentrySpec fileSentry,

        @JsonPropertyDescription("The kill switch sources local to a pod; KillSwitch resources are the fourth.")
        KillSwitchSources killSwitch,

        @Nullable
        @JsonPropertyDescription(
                "Scans what programs ask about over HTTP, on a port of its own. A change of enabled or port rolls the pods. Default: none.")
        ScanApiSpec scanApi,

        @JsonPropertyDescription("One JSON line for each verdict, on standard output.")
        Audit audit,

        @JsonPropertyDescription("PodMonitor, alerts and dashboard.")
        MonitoringSpec monitoring,

        @JsonPropertyDescription("The proxy pods themselves. A change here rolls them.")
        TemplateSpec template) {

    /** How hard a policy is enforced. */
    public enum Mode {
        Strict,
        Balanced,
        Audit
    }

    /** What is done about a finding. */
    public enum Action {
        Block,
        Warn
    }

    /** Which pods are guarded. */
    public record AgentPods(
            @Default("{\"matchLabels\": {\"portcullis.dev/agent\": \"true\"}}")
            @JsonPropertyDescription("Labels of the guarded pods. Default portcullis.dev/agent: \"true\".")
            LabelSelector selector,

            @Default("false")
            @JsonPropertyDescription(
                    "true makes a NetworkPolicy that leaves the selected pods no way out but this proxy and DNS. Default false.")
            boolean lockdown) {}

    /** How a request is given an agent's name. */
    public record Identity(
            @Default("X-Portcullis-Agent")
            @Pattern("^[A-Za-z0-9-]{1,64}$")
            @ValidationRule(
                    value =
                            "!(self.lowerAscii() in ['host', 'connection', 'content-length', 'content-type', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'authorization', 'proxy-authorization', 'proxy-connection', 'cookie'])",
                    message =
                            "must not be a header that HTTP or its servers need: write one such as X-Portcullis-Agent")
            @JsonPropertyDescription(
                    "Request header that names the agent; removed before the request goes on. Default X-Portcullis-Agent.")
            String header,

            @JsonPropertyDescription("Name of an agent that says none. Default anonymous.")
            @Default("anonymous")
            @Size(min = 1, max = 64)
            @com.fasterxml.jackson.annotation.JsonProperty("default")
            String defaultAgent) {}

    /** Host name lists. {@code *.example.com} matches example.com and every name below it. */
    public record Domains(
            @Default("[]")
            @Size(max = 10000)
            @JsonPropertyDescription(
                    "Names that may be reached; in mode Strict no others may. *.example.com covers example.com and all below.")
            List<@Pattern(Rules.DOMAIN) @Size(max = 255) String> allow,

            @Default("[]")
            @Size(max = 10000)
            @JsonPropertyDescription("Names that may never be reached, whatever else allows them.")
            List<@Pattern(Rules.DOMAIN) @Size(max = 255) String> block) {}

    /** Address rules. */
    public record Network(
            @Default("[]")
            @Size(max = 1000)
            @ValidationRule(value = Rules.CIDRS, message = Rules.CIDRS_MESSAGE)
            @JsonPropertyDescription(
                    "CIDRs treated as internal beside the built-in ones (private, loopback, link-local, metadata, reserved).")
            List<@Size(max = 43) String> internalRanges,

            @Default("[]")
            @Size(max = 1000)
            @ValidationRule(value = Rules.CIDRS, message = Rules.CIDRS_MESSAGE)
            @JsonPropertyDescription(
                    "Internal CIDRs that agents may reach all the same. Cloud metadata addresses are never excepted.")
            List<@Size(max = 43) String> allowedRanges,

            @Default("[]")
            @Size(max = 1000)
            @JsonPropertyDescription(
                    "Names that may resolve to internal addresses. Cloud metadata addresses are never excepted.")
            List<@Pattern(Rules.DOMAIN) @Size(max = 255) String> trustedDomains) {}

    /** CONNECT settings. */
    public record Connect(
            @Default("true") @JsonPropertyDescription("Allow CONNECT tunnels. Default true.")
            boolean enabled,

            @Default("[443]")
            @Size(max = 64)
            @JsonPropertyDescription("Ports a tunnel may lead to, 1 to 65535; empty: any port. Default 443.")
            List<@Min(1) @Max(65535) Integer> ports,

            @Default("true")
            @JsonPropertyDescription("Close a tunnel whose TLS server name is not the CONNECT host. Default true.")
            boolean verifySni) {}

    /** WebSocket settings. */
    public record WebSocket(
            @Default("true")
            @JsonPropertyDescription(
                    "Relay WebSocket connections: through the proxy, inside intercepted tunnels, and by /ws?url=. Default true.")
            boolean enabled,

            @Default("[\"*.openai.com\"]")
            @Size(max = 1000)
            @JsonPropertyDescription(
                    "Known WebSocket APIs. A tunnel to one of them that is not intercepted is counted as a hint. Default *.openai.com.")
            List<@Pattern(Rules.DOMAIN) @Size(max = 255) String> apiHosts,

            @Default("1Mi")
            @ValidationRule(
                    value =
                            "quantity(string(self)).compareTo(quantity('1Ki')) >= 0 && quantity(string(self)).compareTo(quantity('64Mi')) <= 0",
                    message = "must be from 1Ki to 64Mi: write a size such as 1Mi")
            @JsonPropertyDescription(
                    "Longest message in bytes; a longer one ends the connection with code 1009. A message is held in memory until it was scanned. Default 1Mi.")
            Quantity maxMessage,

            @Default("128") @Min(1) @Max(100000) @JsonPropertyDescription("Open WebSocket connections. Default 128.")
            int maxConnections,

            @Default("1h")
            @Pattern(TimeSpan.PATTERN)
            @ValidationRule(
                    value = "duration(self) >= duration('100ms') && duration(self) <= duration('168h')",
                    message = "must be from 100ms to 168h: write a duration such as 1h")
            @JsonPropertyDescription("Longest life of a connection. Default 1h.")
            TimeSpan lifetime,

            @Default("5m")
            @Pattern(TimeSpan.PATTERN)
            @ValidationRule(
                    value = "duration(self) >= duration('100ms') && duration(self) <= duration('24h')",
                    message = "must be from 100ms to 24h: write a duration such as 5m")
            @JsonPropertyDescription("Connections on which nothing passes for this long are closed. Default 5m.")
            TimeSpan idleTimeout,

            @Default("Block")
            @JsonPropertyDescription(
                    "Block ends a connection with a binary message on it, Scan scans such messages as text is, Allow lets them pass unscanned. Default Block.")
            WebSocketBinary binary) {}

    /** What happens to binary WebSocket messages. */
    public enum WebSocketBinary {
        Block,
        Scan,
        Allow
    }

    /** One server behind a port of the proxy. */
    public record ReverseProxy(
            @Required
            @Pattern("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
            @JsonPropertyDescription("Name, lower case with dashes: the label endpoint of its kill switch denials.")
            String name,

            @Required @Min(1024) @Max(65535) @JsonPropertyDescription("TCP port it listens on.")
            int port,

            @Required
            @Pattern("^https?://([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])(:[1-9][0-9]{0,4})?/?$")
            @Size(max = 300)
            @JsonPropertyDescription(
                    "Where its requests go: scheme, host and port, such as http://tools.agents.svc:8080. Address rules do not apply to it.")
            String upstream) {}

    /** Settings of the fetch endpoint. */
    public record Fetch(
            @Default("true") @JsonPropertyDescription("Answer GET /fetch?url=. Default true.")
            boolean enabled,

            @Default("30s")
            @Pattern(TimeSpan.PATTERN)
            @ValidationRule(
                    value = "duration(self) >= duration('100ms') && duration(self) <= duration('10m')",
                    message = "must be from 100ms to 10m: write a duration such as 30s")
            @JsonPropertyDescription("Time the whole fetch may take. Default 30s.")
            TimeSpan timeout,

            @Default("5")
            @Min(0)
            @Max(20)
            @JsonPropertyDescription("Redirects followed, each checked like a new request. Default 5.")
            int maxRedirects) {}

    /** How bad a finding is; for routing, not for the verdict. */
    public enum Severity {
        low,
        medium,
        high,
        critical
    }

    /** What a policy says about a class that comes with the program. */
    public record BuiltInClass(
            @Required
            @Pattern("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
            @JsonPropertyDescription("Name of the class, as findings show it.")
            String name,

            @Nullable
            @JsonPropertyDescription("low, medium, high or critical. Default: the severity that the class has.")
            Severity severity,

            @Nullable @JsonPropertyDescription("Block or Warn for this class. Default: the action of the group.")
            Action action,

            @Default("[]")
            @Size(max = 256)
            @JsonPropertyDescription(
                    "For credentials, hosts the class may be sent to; for injections, hosts for whose responses it is only warned about.")
            List<@Pattern(Rules.DOMAIN) @Size(max = 255) String> exemptDomains) {}

    /** Entropy limits in bits a character. */
    public record Entropy(
            @Pattern("^([0-7](\\.[0-9]{1,2})?|8(\\.0{1,2})?)$")
            @JsonPropertyDescription(
                    "Most bits a character in a path segment or query value, 0 to 8; 0 is off. Default \"4.5\", in Strict \"4.0\".")
            String url,

            @Default("4.0")
            @Pattern("^([0-7](\\.[0-9]{1,2})?|8(\\.0{1,2})?)$")
            @JsonPropertyDescription(
                    "Most bits a character in a host name label below the registrable domain, 0 to 8; 0 is off. Default \"4.0\".")
            String subdomain,

            @Default("20")
            @Min(8)
            @Max(1024)
            @JsonPropertyDescription("Shortest URL part that is measured, in bytes. Default 20.")
            int minLength,

            @Default("[]") @Size(max = 1000) @JsonPropertyDescription("Hosts whose URLs are not measured.")
            List<@Pattern(Rules.DOMAIN) @Size(max = 255) String> exemptDomains) {}

    /** Prompt-injection scanning of responses. */
    public record Injection(
            @JsonPropertyDescription(
                    "Block refuses a response with an injection in it, Warn reports it. Default Warn, in Strict Block.")
            Action action,

            @Default("[]")
            @Size(max = 1000)
            @JsonPropertyDescription("Hosts whose responses are only ever warned about.")
            List<@Pattern(Rules.DOMAIN) @Size(max = 255) String> exemptDomains,

            @Default("[]")
            @Size(max = 256)
            @JsonPropertyDescription(
                    "Built-in injection classes that are not looked for, by name. A name that is none makes the pods refuse the configuration; core classes stay.")
            List<@Size(min = 1, max = 64) String> disabledClasses,

            @Default("[]")
            @Size(max = 256)
            @JsonPropertyDescription(
                    "What is different about built-in injection classes: severity, action, hosts they are only warned about.")
            List<BuiltInClass> classes) {}

    /** Kill switch sources local to a pod. */
    public record KillSwitchSources(
            @Nullable
            @JsonPropertyDescription("POST /api/v1/killswitch on the proxy port, with a bearer token. Default: no API.")
            KillSwitchApi api,

            @Default("/var/run/portcullis/stop")
            @Pattern("^/[^\\x00]*$")
            @Size(max = 1024)
            @JsonPropertyDescription(
                    "While this file exists in the pod everything is refused. Default /var/run/portcullis/stop.")
            String sentinelFile,

            @Default("true") @JsonPropertyDescription("SIGUSR1 to the process toggles the switch. Default true.")
            boolean signal,

            @Default("[]")
            @Size(max = 1000)
            @ValidationRule(value = Rules.CIDRS, message = Rules.CIDRS_MESSAGE)
            @JsonPropertyDescription("Client CIDRs that are never refused by the kill switch.")
            List<@Size(max = 43) String> exemptClientCidrs) {}

    /** The kill switch API. */
    public record KillSwitchApi(
            @Required @JsonPropertyDescription("The bearer token, at least 16 bytes.")
            SecretKeyRef tokenSecretRef) {}

    /** Audit settings. */
    public record Audit(
            @Default("true") @JsonPropertyDescription("Write a line for allowed requests too. Default true.")
            boolean includeAllowed) {}
}
