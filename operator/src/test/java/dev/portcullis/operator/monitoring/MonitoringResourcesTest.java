package dev.portcullis.operator.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.operator.resource.Role;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MonitoringResourcesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "pipelock_active_tunnels > 50 | pipelock_active_tunnels{M} > 50",
                "rate(pipelock_requests_total{result=\"blocked\"}[5m]) | rate(pipelock_requests_total{M,result=\"blocked\"}[5m])",
                "rate(kapkan_ingest_packets_total[2m]) == 0 | rate(kapkan_ingest_packets_total{M}[2m]) == 0",
                "up{policy!=\"\"} == 0 | up{M,policy!=\"\"} == 0",
                "portcullis_bgp_peer_up == 0 | portcullis_bgp_peer_up{M} == 0",
                "x{job=\"pipelock_requests_total\"} | x{job=\"pipelock_requests_total\"}",
                "sum by (namespace, policy) (vector(1)) | sum by (namespace, policy) (vector(1))"
            })
    void everySelectorOfAnAlertIsNarrowedToTheResource(String shipped, String narrowed) {
        assertThat(AlertRules.narrow(shipped, "M")).isEqualTo(narrowed);
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void everyShippedAlertLooksAtTheSeriesOfItsResourceOnly(Role role) {
        var rules = AlertRules.of(role).narrowed("agents", "coding").stream()
                .flatMap(group -> group.getRules().stream())
                .toList();

        assertThat(rules).isNotEmpty().allSatisfy(rule -> assertThat(
                        rule.getExpr().getStrVal())
                .contains("namespace=\"agents\"," + Dashboard.ownerLabel(role) + "=\"coding\""));
        assertThat(AlertRules.of(role).narrowed("agents", "other").toString()).doesNotContain("coding");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void theDashboardOpensOnItsResourceAndDiffersInNothingElse(Role role) throws IOException {
        var filled = new ObjectMapper().readTree(Dashboard.of(role).filled("agents", "coding"));

        assertThat(filled.path("title").asText()).endsWith(": agents/coding");
        assertThat(filled.path("uid").asText()).hasSizeLessThanOrEqualTo(40);
        assertThat(chosen(filled, "namespace")).isEqualTo(List.of("agents"));
        assertThat(chosen(filled, Dashboard.ownerLabel(role))).isEqualTo(List.of("coding"));
        try (var shipped = Dashboard.class.getResourceAsStream("/grafana/" + role.label() + ".json")) {
            assertThat(filled.path("panels"))
                    .isEqualTo(new ObjectMapper().readTree(shipped).path("panels"));
        }
    }

    @Test
    void twoResourcesHaveTwoDashboards() throws IOException {
        var one = new ObjectMapper().readTree(Dashboard.of(Role.FLOW).filled("a", "edge"));
        var other = new ObjectMapper().readTree(Dashboard.of(Role.FLOW).filled("b", "edge"));

        assertThat(one.path("uid")).isNotEqualTo(other.path("uid"));
    }

    private static List<String> chosen(com.fasterxml.jackson.databind.JsonNode dashboard, String variable) {
        for (var one : dashboard.path("templating").path("list")) {
            if (one.path("name").asText().equals(variable)) {
                return one.path("current")
                        .path("value")
                        .valueStream()
                        .map(com.fasterxml.jackson.databind.JsonNode::asText)
                        .toList();
            }
        }
        return List.of();
    }
}
