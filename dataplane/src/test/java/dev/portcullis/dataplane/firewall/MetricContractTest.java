package dev.portcullis.dataplane.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The families that existing dashboards read: their types, labels and bounds to the letter. */
@Timeout(120)
class MetricContractTest {
    private static final String CONTRACT = """
            pipelock_requests_total|counter|result|
            pipelock_request_duration_seconds|histogram||0.01 0.05 0.1 0.25 0.5 1 2.5 5 10
            pipelock_scanner_hits_total|counter|scanner|
            pipelock_tunnels_total|counter|result|
            pipelock_tunnel_duration_seconds|histogram||1 5 10 30 60 120 300
            pipelock_tunnel_bytes_total|counter||
            pipelock_active_tunnels|gauge||
            pipelock_sni_total|counter|category|
            pipelock_tls_intercept_total|counter|outcome|
            pipelock_tls_handshake_duration_seconds|histogram|side|0.001 0.005 0.01 0.025 0.05 0.1 0.25 0.5
            pipelock_tls_request_blocked_total|counter|reason|
            pipelock_tls_response_blocked_total|counter|reason|
            pipelock_tls_cert_cache_size|gauge||
            pipelock_body_dlp_hits_total|counter|action|
            pipelock_header_dlp_hits_total|counter|action|
            pipelock_ws_connections_total|counter|result|
            pipelock_ws_duration_seconds|histogram||1 5 10 30 60 120 300 600 1800 3600
            pipelock_ws_bytes_total|counter|direction|
            pipelock_ws_active_connections|gauge||
            pipelock_ws_frames_total|counter|type|
            pipelock_ws_scan_hits_total|counter|scanner|
            pipelock_forward_ws_redirect_hint_total|counter||
            pipelock_info|gauge|version|
            pipelock_kill_switch_active|gauge|source|
            pipelock_kill_switch_denials_total|counter|endpoint transport|
            pipelock_cross_request_entropy_exceeded_total|counter||
            pipelock_cross_request_dlp_match_total|counter||
            pipelock_cross_request_fragment_buffer_bytes|gauge||
            pipelock_scan_api_requests_total|counter|decision kind status_code|
            pipelock_scan_api_duration_seconds|histogram|kind|0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10
            pipelock_scan_api_findings_total|counter|kind scanner severity|
            pipelock_scan_api_errors_total|counter|error_code kind|
            pipelock_scan_api_inflight_requests|gauge||
            pipelock_address_findings_total|counter|chain verdict|
            pipelock_file_sentry_findings_total|counter|agent pattern severity|
            pipelock_reverse_proxy_requests_total|counter|method status|
            pipelock_reverse_proxy_scan_blocked_total|counter|direction reason|
            """;

    private static final Pattern SERIES =
            Pattern.compile("^(pipelock_[a-z0-9_]+?)(?:_bucket|_count|_sum)?(?:\\{(.*)\\})? \\S+$", Pattern.MULTILINE);
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

    private static String page() throws IOException {
        try (var firewall = TestFirewall.with("{}")) {
            return firewall.metrics();
        }
    }

    private static String number(String bound) {
        return bound.replaceFirst("\\.0$", "");
    }

    @Test
    void everyFamilyHasTheTypeTheLabelsAndTheBoundsOfTheContract() throws Exception {
        var page = page();
        var names = new TreeSet<String>();
        for (var line : CONTRACT.lines().toList()) {
            var parts = line.split("\\|", -1);
            names.add(parts[0]);
            if (!page.contains("# TYPE " + parts[0] + " ")) {
                // Without a series there is no family on the page: labels that have no closed set.
                assertThat(parts[2]).as(parts[0]).isNotEmpty();
                continue;
            }
            assertThat(page).contains("# TYPE " + parts[0] + " " + parts[1] + "\n");
            var labels = new TreeSet<String>();
            var bounds = new LinkedHashSet<String>();
            for (var series = SERIES.matcher(page); series.find(); ) {
                if (!series.group(1).equals(parts[0]) || series.group(2) == null) {
                    continue;
                }
                for (var label = LABEL.matcher(series.group(2)); label.find(); ) {
                    if (label.group(1).equals("le")) {
                        bounds.add(number(label.group(2)));
                    } else {
                        labels.add(label.group(1));
                    }
                }
            }
            assertThat(String.join(" ", labels)).as(parts[0]).isEqualTo(parts[2]);
            assertThat(String.join(" ", bounds)).as(parts[0]).isEqualTo(parts[3].isEmpty() ? "" : parts[3] + " +Inf");
        }
        var types =
                Pattern.compile("^# TYPE (pipelock_\\S+) ", Pattern.MULTILINE).matcher(page);
        while (types.find()) {
            assertThat(names).contains(types.group(1));
        }
    }
}
