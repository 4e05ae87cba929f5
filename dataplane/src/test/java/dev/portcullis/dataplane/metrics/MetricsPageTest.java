package dev.portcullis.dataplane.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.mitigate.Mitigator;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** {@code docs/metrics.md} is made from the declarations and may not drift from them. */
class MetricsPageTest {
    private static final Path PAGE = Path.of(System.getProperty("project.root"), "docs", "metrics.md");

    @Test
    void thePageListsEveryFamilyThatIsDeclared() throws Exception {
        var fresh = page();
        if (Boolean.getBoolean("write.docs")) {
            Files.writeString(PAGE, fresh, StandardCharsets.UTF_8);
        }
        assertThat(Files.readString(PAGE, StandardCharsets.UTF_8))
                .as("write it anew: ./mvnw -pl dataplane -am test -Dtest=MetricsPageTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dwrite.docs=true")
                .isEqualTo(fresh);
    }

    private static String page() {
        var firewall = new PrometheusRegistry();
        new FirewallMetrics(firewall, "0");
        new ScanApiMetrics(firewall);
        new CrossRequestMetrics(firewall).fragmentBytes(() -> 0);
        new FileSentryMetrics(firewall).folders(() -> 0);
        new AuditMetrics(firewall);
        new AdminMetrics(firewall);
        var flow = new PrometheusRegistry();
        new FlowMetrics(flow);
        new MitigationMetrics(flow, Mitigator.rejectionReasons());
        new BgpMetrics(flow);
        new ApiMetrics(flow);
        return """
                # Metrics

                Every family the data plane shows on `/metrics`. Names under `pipelock_` and `kapkan_` are a contract with existing dashboards and alerts; those under `portcullis_`
                are ours. This page is made from the declarations in `dataplane/metrics`. The operator shows the metrics of its framework (`operator_sdk_*`) and of its JVM.

                ## Firewall

                """ + table(firewall) + "\n## Flow detector\n\n" + table(flow);
    }

    private static String table(PrometheusRegistry registry) {
        var families = new TreeMap<String, MetricSnapshot>();
        registry.scrape().forEach(family -> families.put(name(family), family));
        var table = new StringBuilder("| family | type | what |\n|---|---|---|\n");
        families.forEach((name, family) -> table.append("| `")
                .append(name)
                .append("` | ")
                .append(type(family))
                .append(" | ")
                .append(family.getMetadata().getHelp())
                .append(" |\n"));
        return table.toString();
    }

    private static String name(MetricSnapshot family) {
        var name = family.getMetadata().getName();
        return family instanceof CounterSnapshot ? name + "_total" : name;
    }

    private static String type(MetricSnapshot family) {
        return switch (family) {
            case CounterSnapshot counter -> "counter";
            case HistogramSnapshot histogram -> "histogram";
            default -> "gauge";
        };
    }
}
