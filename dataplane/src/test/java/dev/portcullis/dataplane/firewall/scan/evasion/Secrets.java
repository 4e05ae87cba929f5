package dev.portcullis.dataplane.firewall.scan.evasion;

import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import dev.portcullis.dataplane.firewall.scan.match.RulePack;
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
        var secrets = new LinkedHashMap<String, String>();
        for (var entry :
                RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS).rules()) {
            if (names.contains(entry.name())) {
                secrets.put(entry.name(), entry.examples().getFirst().replace("<>", ""));
            }
        }
        if (secrets.size() != names.size()) {
            throw new IllegalStateException("the pack lacks one of " + names);
        }
        return secrets;
    }
}
