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
        Limits limits,

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
        Dlp dlp,

        @JsonPropertyDescription("Crypto currency addresses in what leaves, known and look-alike.")
        Addresses addresses,

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

    /** Bounds on each request and client. */
    public record Limits(
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
            TimeSpan headerTimeout) {}

    /** What happens to a body beyond the scanned size. */
    public enum OnOversize {
        Stream,
        Refuse
    }

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

    /** Data-loss prevention. */
    public record Dlp(
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
            RedactSpec redact) {}

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

    /** How bad a finding is; for routing, not for the verdict. */
    public enum Severity {
        low,
        medium,
        high,
        critical
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

    /** Protection of crypto currency addresses against look-alikes. */
    public record Addresses(
            @Default("false") @JsonPropertyDescription("Judge crypto currency addresses in what leaves. Default false.")
            boolean enabled,

            @Default("[\"eth\", \"btc\", \"sol\", \"bnb\"]")
            @Size(max = 4)
            @JsonPropertyDescription(
                    "Chains that are looked at; one without known addresses has no findings. Default all.")
            List<CurrencyChain> chains,

            @Default("[]") @Size(max = 1000) @JsonPropertyDescription("The addresses agents may send to.")
            List<KnownAddress> known,

            @Default("Block")
            @JsonPropertyDescription(
                    "Block, Warn or Allow an address that looks like a known one and is another. Default Block.")
            OnAddress onLookalike,

            @Default("Allow")
            @JsonPropertyDescription("Block, Warn or Allow a valid address that is not known. Default Allow.")
            OnAddress onUnknown) {}

    /** A chain whose addresses are known. */
    public enum CurrencyChain {
        eth,
        btc,
        sol,
        bnb
    }

    /** What is done about an address. */
    public enum OnAddress {
        Block,
        Warn,
        Allow
    }

    /** An address that agents may send to. */
    @ValidationRule(
            value =
                    "self.chain == 'eth' ? self.address.matches('^0x[0-9a-fA-F]{40}$') : self.chain == 'btc' ? self.address.matches('^([13][1-9A-HJ-NP-Za-km-z]{24,34}|(bc|BC)1[0-9A-Za-z]{11,87})$') : self.chain == 'sol' ? self.address.matches('^[1-9A-HJ-NP-Za-km-z]{32,44}$') : self.address.matches('^(bnb1[0-9a-z]{38}|0x[0-9a-fA-F]{40})$')",
            message =
                    "the address is none of its chain: write eth 0x and 40 hex digits, btc base58 or bc1, sol base58, bnb bnb1 or 0x")
    public record KnownAddress(
            @Required @JsonPropertyDescription("eth, btc, sol or bnb.")
            CurrencyChain chain,

            @Required @Size(min = 20, max = 90) @JsonPropertyDescription("The address; its checksum is checked.")
            String address) {}

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
