package dev.portcullis.crd.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;

/** What is made for Prometheus and Grafana beside the pods. */
public record MonitoringSpec(
        @JsonPropertyDescription("The PodMonitor that makes Prometheus scrape the pods.")
        PodMonitor podMonitor,

        @JsonPropertyDescription("The Grafana dashboard, as a labelled ConfigMap.")
        Dashboard dashboard,

        @JsonPropertyDescription("The PrometheusRule with the shipped alerts.")
        Alerts alerts) {

    /** PodMonitor settings. */
    public record PodMonitor(
            @Default("true") @JsonPropertyDescription("Make a PodMonitor once its CRD is installed. Default true.")
            boolean enabled,

            @Default("30s")
            @Pattern(TimeSpan.PATTERN)
            @ValidationRule(
                    value = "duration(self) >= duration('1s') && duration(self) <= duration('1h')",
                    message = "must be from 1s to 1h: write a duration such as 30s")
            @JsonPropertyDescription("Time between scrapes. Default 30s.")
            TimeSpan interval,

            @Default("{}")
            @JsonPropertyDescription("Labels added to the PodMonitor, for Prometheus objects that select by label.")
            Map<String, String> labels) {}

    /** Dashboard settings. */
    public record Dashboard(
            @Default("true") @JsonPropertyDescription("Make the dashboard ConfigMap. Default true.")
            boolean enabled,

            @Default("Portcullis")
            @Size(max = 128)
            @JsonPropertyDescription("Grafana folder, written as the annotation grafana_folder. Default Portcullis.")
            String folder,

            @Default("{\"grafana_dashboard\": \"1\"}")
            @JsonPropertyDescription(
                    "Labels by which the Grafana sidecar finds the ConfigMap. Default grafana_dashboard: \"1\".")
            Map<String, String> labels) {}

    /** Alert settings. */
    public record Alerts(
            @Default("true")
            @JsonPropertyDescription("Make the PrometheusRule once its CRD is installed. Default true.")
            boolean enabled,

            @Default("{}") @JsonPropertyDescription("Labels added to the PrometheusRule.")
            Map<String, String> labels) {}
}
