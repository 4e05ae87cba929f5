package dev.portcullis.dataplane.firewall.scan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Policies for tests: every default filled in, then changed by a few lines of YAML. */
final class Policies {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private static final String DEFAULTS = """
            mode: Balanced
            port: 8888
            domains: {allow: [], block: []}
            network: {internalRanges: [], allowedRanges: [], trustedDomains: []}
            limits: {urlLength: 2048, headerBytes: 64Ki, requestBody: 5Mi, responseBody: 10Mi, onOversize: Stream}
            dlp:
              action: Block
              headers: {scan: Sensitive, names: [Authorization, Cookie, X-Api-Key]}
              disabledClasses: []
              classes: []
              patterns: []
              known: []
              seedPhrases: true
              canaries: []
              redact: {enabled: false, classes: []}
            addresses: {enabled: false, chains: [eth, btc, sol, bnb], known: [], onLookalike: Block, onUnknown: Allow}
            entropy: {url: "4.5", subdomain: "4.0", minLength: 20, exemptDomains: []}
            injection: {action: Warn, exemptDomains: [], disabledClasses: [], classes: []}
            crossRequest: {enabled: false}
            """;

    private Policies() {}

    static AgentPolicySpec spec(String changes) {
        try {
            var tree = (ObjectNode) YAML.readTree(DEFAULTS);
            return YAML.treeToValue(
                    YAML.readerForUpdating(tree).readTree(changes.isBlank() ? "{}" : changes), AgentPolicySpec.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(changes, e);
        }
    }

    static ScanEngine engine(String changes) {
        return ScanEngine.compile(spec(changes), List.of());
    }

    /** An engine that knows a canary. */
    static ScanEngine withCanary(String name, String value) {
        return ScanEngine.compile(
                spec(""), List.of(new KnownValue(name, value.getBytes(StandardCharsets.UTF_8), true)));
    }

    static ScanEngine knowing(String name, String value) {
        return ScanEngine.compile(spec(""), List.of(new KnownValue(name, value.getBytes(StandardCharsets.UTF_8))));
    }
}
