package dev.portcullis.operator.monitoring;

import dev.portcullis.crd.v1alpha1.MonitoringSpec;
import dev.portcullis.operator.resource.Labels;
import dev.portcullis.operator.resource.Role;
import dev.portcullis.operator.workload.DataPlaneObjects;
import dev.portcullis.operator.workload.PodTemplate;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitorBuilder;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRuleBuilder;
import io.fabric8.openshift.api.model.monitoring.v1.RelabelConfig;
import io.fabric8.openshift.api.model.monitoring.v1.RelabelConfigBuilder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What should exist for Prometheus and Grafana beside the pods of one resource. Pure. */
public final class MonitoringResources {
    private final Role role;
    private final HasMetadata owner;
    private final MonitoringSpec spec;
    private final DataPlaneObjects objects;

    public MonitoringResources(Role role, HasMetadata owner, MonitoringSpec spec) {
        this.role = role;
        this.owner = owner;
        this.spec = spec;
        this.objects = new DataPlaneObjects(role, owner);
    }

    /** The kinds the spec wants an object of, whether the API server has them or not. */
    public Set<Class<? extends HasMetadata>> wanted() {
        var wanted = new HashSet<Class<? extends HasMetadata>>();
        if (spec.podMonitor().enabled()) {
            wanted.add(PodMonitor.class);
        }
        if (spec.alerts().enabled()) {
            wanted.add(PrometheusRule.class);
        }
        return wanted;
    }

    /** The objects, of {@code kinds} that are there. */
    public List<HasMetadata> all(Set<Class<? extends HasMetadata>> kinds) {
        var all = new ArrayList<HasMetadata>();
        if (spec.dashboard().enabled()) {
            all.add(dashboard());
        }
        if (spec.podMonitor().enabled() && kinds.contains(PodMonitor.class)) {
            all.add(podMonitor());
        }
        if (spec.alerts().enabled() && kinds.contains(PrometheusRule.class)) {
            all.add(rules());
        }
        return all;
    }

    private ConfigMap dashboard() {
        var metadata = owner.getMetadata();
        return new ConfigMapBuilder()
                .withMetadata(objects.metadata("-dashboard"))
                .editMetadata()
                .addToLabels(spec.dashboard().labels())
                .addToAnnotations("grafana_folder", spec.dashboard().folder())
                .endMetadata()
                .addToData(
                        metadata.getNamespace() + "-" + role.objectName(metadata.getName()) + ".json",
                        Dashboard.of(role).filled(metadata.getNamespace(), metadata.getName()))
                .build();
    }

    private PodMonitor podMonitor() {
        return new PodMonitorBuilder()
                .withMetadata(objects.metadata(""))
                .editMetadata()
                .addToLabels(spec.podMonitor().labels())
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .withMatchLabels(Labels.podSelector(role, owner.getMetadata().getName()))
                .endSelector()
                .addNewPodMetricsEndpoint()
                .withPort(PodTemplate.ADMIN_PORT_NAME)
                .withPath("/metrics")
                .withInterval(spec.podMonitor().interval().toString())
                .withRelabelings(
                        label("__meta_kubernetes_pod_node_name", "node"),
                        label("__meta_kubernetes_pod_label_app_kubernetes_io_instance", Dashboard.ownerLabel(role)))
                .endPodMetricsEndpoint()
                .endSpec()
                .build();
    }

    private static RelabelConfig label(String from, String to) {
        return new RelabelConfigBuilder()
                .withSourceLabels(from)
                .withTargetLabel(to)
                .build();
    }

    private PrometheusRule rules() {
        var metadata = owner.getMetadata();
        return new PrometheusRuleBuilder()
                .withMetadata(objects.metadata(""))
                .editMetadata()
                .addToLabels(spec.alerts().labels())
                .endMetadata()
                .withNewSpec()
                .withGroups(AlertRules.of(role).narrowed(metadata.getNamespace(), metadata.getName()))
                .endSpec()
                .build();
    }
}
