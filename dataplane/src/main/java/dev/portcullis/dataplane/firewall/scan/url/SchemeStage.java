package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Lets only http and https pass, and ws and wss, which are the same thing upgraded. */
final class SchemeStage {
    @Nullable
    Finding judge(String url) {
        var colon = url.indexOf(':');
        var scheme = colon < 0 ? "" : url.substring(0, colon).toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "http", "https", "ws", "wss" -> null;
            default ->
                Refusal.of(
                        ScannerName.SCHEME,
                        "scheme",
                        Severity.medium,
                        "url",
                        "only http and https URLs may be requested",
                        "");
        };
    }
}
