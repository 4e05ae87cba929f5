package dev.portcullis.dataplane.firewall.scan.evasion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The synthetic secrets of the rule pack that the corpus dresses up, by the rule that finds them. */
public final class Secrets {
    public static final Map<String, String> ALL = read(List.of(
            "github-token",
            "github-fine-grained-token",
            "gitlab-token",
            "aws-access-key-id",
            "slack-token",
            "anthropic-api-key",
            "openai-project-key",
            "huggingface-access-token",
            "google-api-key",
            "sendgrid-api-token",
            "stripe-key",
            "npm-access-token",
            "digitalocean-token",
            "databricks-token",
            "doppler-token",
            "hashicorp-vault-token",
            "linear-api-key",
            "shopify-token",
            "grafana-service-account-token",
            "postman-api-key"));

    private Secrets() {}

    private static Map<String, String> read(List<String> names) {
        try (var in = ScanEngine.class.getResourceAsStream("rules/credentials.yaml")) {
            var secrets = new LinkedHashMap<String, String>();
            for (JsonNode rule :
                    new ObjectMapper(new YAMLFactory()).readTree(in).path("rules")) {
                if (names.contains(rule.path("name").asText())) {
                    secrets.put(
                            rule.path("name").asText(),
                            rule.path("examples").path(0).asText().replace("<>", ""));
                }
            }
            if (secrets.size() != names.size()) {
                throw new IllegalStateException("the pack lacks one of " + names);
            }
            return secrets;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
