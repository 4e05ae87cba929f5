package dev.portcullis.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.portcullis.operator.cluster.KubeApi;
import dev.portcullis.operator.status.ConditionType;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import org.junit.jupiter.api.Test;

/** The kinds of the Prometheus Operator come and go while the operator runs. */
class MonitoringApiTest extends ApiTest {
    private static final String CRD = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: %1$ss.monitoring.coreos.com}
            spec:
              group: monitoring.coreos.com
              scope: Namespaced
              names: {kind: %2$s, plural: %1$ss, singular: %1$s}
              versions:
                - name: v1
                  served: true
                  storage: true
                  schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
            """;

    @Test
    void podMonitorAndRulesAppearWithTheirKindsAndArePutBack() {
        create(Manifests.policy(namespace, "agents", "{}"));
        run("agents-firewall", 1);
        awaitTrue("agents", ConditionType.Ready);
        assertThat(condition(policy("agents"), ConditionType.Ready).getMessage())
                .endsWith(
                        "; without PodMonitor and PrometheusRule, made as soon as podmonitors.monitoring.coreos.com and"
                                + " prometheusrules.monitoring.coreos.com are installed");
        try {
            KubeApi.apply(client, CRD.formatted("podmonitor", "PodMonitor"));
            KubeApi.apply(client, CRD.formatted("prometheusrule", "PrometheusRule"));
            var monitors =
                    client.resources(PodMonitor.class).inNamespace(namespace).withName("agents-firewall");
            var rules = client.resources(PrometheusRule.class)
                    .inNamespace(namespace)
                    .withName("agents-firewall");
            await().ignoreExceptions().until(() -> monitors.get() != null && rules.get() != null);
            assertThat(get(monitors).getSpec().getPodMetricsEndpoints())
                    .singleElement()
                    .satisfies(endpoint -> assertThat(endpoint.getPort()).isEqualTo("admin"));
            assertThat(get(rules).getSpec().getGroups()).isNotEmpty();
            await().untilAsserted(() -> assertThat(
                            condition(policy("agents"), ConditionType.Ready).getMessage())
                    .isEqualTo("the one pod is ready and current"));

            monitors.delete();

            await().until(() -> monitors.get() != null);
            edit(Manifests.policy(namespace, "agents", "{\"monitoring\": {\"podMonitor\": {\"enabled\": false}}}"));
            await().until(() -> monitors.get() == null);
        } finally {
            client.apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName("podmonitors.monitoring.coreos.com")
                    .delete();
            client.apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName("prometheusrules.monitoring.coreos.com")
                    .delete();
        }
        await().untilAsserted(
                        () -> assertThat(condition(policy("agents"), ConditionType.Ready)
                                        .getMessage())
                                .endsWith(
                                        "; without PrometheusRule, made as soon as prometheusrules.monitoring.coreos.com is installed"));
    }
}
