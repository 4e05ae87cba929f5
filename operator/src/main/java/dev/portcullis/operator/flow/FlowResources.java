package dev.portcullis.operator.flow;

import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.codec.ConfigException;
import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.crd.v1alpha1.FlowDetectorSpec;
import dev.portcullis.crd.v1alpha1.ListenersSpec.Expose;
import dev.portcullis.operator.resource.FlowDetectorResource;
import dev.portcullis.operator.resource.Labels;
import dev.portcullis.operator.resource.Role;
import dev.portcullis.operator.workload.DataPlaneObjects;
import dev.portcullis.operator.workload.NamedPorts;
import dev.portcullis.operator.workload.PodTemplate;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The objects that should exist for a FlowDetector, beside its Secret and monitoring. Pure. */
final class FlowResources {
    private static final String NETFLOW = "netflow";
    private static final String SFLOW = "sflow";
    private static final String IPFIX = "ipfix";
    private static final String API = "api";

    /**
     * A detector makes next to no garbage, and what it keeps is large arrays that no collector copies: a small young
     * generation bounds what one pause can copy, one thread waits for no other, and a heap and a metaspace that need not grow
     * give no cause for a pause (docs/decisions/0022).
     */
    private static final String JAVA_OPTIONS = "-XX:MaxNewSize=4m -XX:G1HeapRegionSize=1m -XX:ParallelGCThreads=1"
            + " -XX:MaxGCPauseMillis=5 -XX:InitialRAMPercentage=25 -XX:MetaspaceSize=64m";

    private final DataPlaneObjects objects;
    private final FlowDetectorResource detector;
    private final FlowDetectorSpec spec;
    private final String image;

    /** Objects for {@code detector} by the resolved {@code spec}; {@code image} where its template names none. */
    FlowResources(FlowDetectorResource detector, FlowDetectorSpec spec, String image) {
        this.objects = new DataPlaneObjects(Role.FLOW, detector);
        this.detector = detector;
        this.spec = spec;
        this.image = image;
    }

    /** The ConfigMap with {@code config}. @throws IllegalStateException when it does not fit, which the Resolver rules out */
    ConfigMap config(FlowConfig config) {
        try {
            return objects.config(config.revision(), ConfigCodec.write(config));
        } catch (ConfigException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Everything but the configuration, in the order it is to be made. */
    List<HasMetadata> all() {
        return List.of(
                objects.serviceAccount(),
                objects.permissions(),
                objects.roleBinding(),
                telemetry(),
                api(),
                ingress(),
                daemonSet());
    }

    /** The telemetry ports. From outside, only with the exporter's own address: it is what an exporter is known by. */
    private Service telemetry() {
        var expose = spec.listeners().expose();
        var outside = expose == Expose.NodePort || expose == Expose.LoadBalancer;
        return new ServiceBuilder()
                .withMetadata(objects.metadata(""))
                .withNewSpec()
                .withType(outside ? expose.name() : "ClusterIP")
                .withExternalTrafficPolicy(outside ? "Local" : null)
                .withSelector(podLabels())
                .withPorts(telemetryPorts())
                .endSpec()
                .build();
    }

    private List<ServicePort> telemetryPorts() {
        var ports = new ArrayList<ServicePort>();
        ports.add(NamedPorts.service(NETFLOW, spec.listeners().netflow().port(), "UDP"));
        ports.add(NamedPorts.service(SFLOW, spec.listeners().sflow().port(), "UDP"));
        if (spec.listeners().ipfixTcp().enabled()) {
            ports.add(NamedPorts.service(IPFIX, spec.listeners().ipfixTcp().port(), "TCP"));
        }
        return ports;
    }

    /** The HTTP API, inside the cluster only. */
    private Service api() {
        return new ServiceBuilder()
                .withMetadata(objects.metadata("-api"))
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(podLabels())
                .withPorts(NamedPorts.service(API, spec.api().port(), "TCP"))
                .endSpec()
                .build();
    }

    private DaemonSet daemonSet() {
        var metadata = detector.getMetadata();
        var netflow = spec.listeners().netflow().port();
        var sflow = spec.listeners().sflow().port();
        var onHost = spec.listeners().expose() == Expose.HostPort;
        var template = new PodTemplate(Role.FLOW, metadata.getNamespace(), metadata.getName(), image, spec.template())
                .arguments("--state", "/var/lib/portcullis")
                .javaOptions(JAVA_OPTIONS)
                .port(NETFLOW, netflow, "UDP", onHost ? netflow : 0)
                .port(SFLOW, sflow, "UDP", onHost ? sflow : 0)
                .port(API, spec.api().port(), "TCP", 0);
        if (spec.listeners().ipfixTcp().enabled()) {
            var ipfix = spec.listeners().ipfixTcp().port();
            template.port(IPFIX, ipfix, "TCP", onHost ? ipfix : 0);
        }
        template.scratch("state", "/var/lib/portcullis");
        return objects.daemonSet(template.build(PodTemplate.resources("250m", "512Mi", "2Gi")));
    }

    /** Telemetry from anywhere, for exporters have no pod labels; API and admin port from pods of the cluster. */
    private NetworkPolicy ingress() {
        return new NetworkPolicyBuilder()
                .withMetadata(objects.metadata(""))
                .withNewSpec()
                .withNewPodSelector()
                .withMatchLabels(podLabels())
                .endPodSelector()
                .withPolicyTypes("Ingress")
                .addNewIngress()
                .withPorts(telemetryAllowed())
                .endIngress()
                .addToIngress(NamedPorts.fromTheCluster(
                        NamedPorts.allowed(API, "TCP"), NamedPorts.allowed(PodTemplate.ADMIN_PORT_NAME, "TCP")))
                .endSpec()
                .build();
    }

    private List<NetworkPolicyPort> telemetryAllowed() {
        var ports = new ArrayList<NetworkPolicyPort>();
        ports.add(NamedPorts.allowed(NETFLOW, "UDP"));
        ports.add(NamedPorts.allowed(SFLOW, "UDP"));
        if (spec.listeners().ipfixTcp().enabled()) {
            ports.add(NamedPorts.allowed(IPFIX, "TCP"));
        }
        return ports;
    }

    private Map<String, String> podLabels() {
        return Labels.podSelector(Role.FLOW, detector.getMetadata().getName());
    }
}
