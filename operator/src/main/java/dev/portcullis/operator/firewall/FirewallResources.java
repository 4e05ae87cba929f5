package dev.portcullis.operator.firewall;

import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.codec.ConfigException;
import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec;
import dev.portcullis.crd.v1alpha1.AgentPolicySpec.ReverseProxy;
import dev.portcullis.crd.v1alpha1.ScanApiSpec;
import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.resource.Labels;
import dev.portcullis.operator.resource.Role;
import dev.portcullis.operator.workload.DataPlaneObjects;
import dev.portcullis.operator.workload.NamedPorts;
import dev.portcullis.operator.workload.PodTemplate;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The objects that should exist for an AgentPolicy, beside its configuration, Secret and monitoring. Pure. */
final class FirewallResources {
    private static final String PROXY_PORT = "proxy";
    private static final String SCAN_API_PORT = "scan-api";
    private static final Set<String> TAKEN_DIRECTORIES = Set.of("/", "/tmp", "/var/lib/portcullis");

    private final DataPlaneObjects objects;
    private final AgentPolicyResource policy;
    private final AgentPolicySpec spec;
    private final String image;

    /** Objects for {@code policy} by the resolved {@code spec}; {@code image} where its template names none. */
    FirewallResources(AgentPolicyResource policy, AgentPolicySpec spec, String image) {
        this.objects = new DataPlaneObjects(Role.FIREWALL, policy);
        this.policy = policy;
        this.spec = spec;
        this.image = image;
    }

    /** {@code host:port} that agents put in HTTPS_PROXY. */
    static String endpoint(AgentPolicyResource policy, AgentPolicySpec spec) {
        return Role.FIREWALL.objectName(policy.getMetadata().getName()) + "."
                + policy.getMetadata().getNamespace() + ".svc:" + spec.port();
    }

    /** The ConfigMap with {@code config}. @throws IllegalStateException when it does not fit, which the Resolver rules out */
    ConfigMap config(FirewallConfig config) {
        try {
            return objects.config(config.revision(), ConfigCodec.write(config));
        } catch (ConfigException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Everything but the configuration, in the order it is to be made. */
    List<HasMetadata> all() {
        var all = new ArrayList<HasMetadata>(List.of(
                objects.serviceAccount(),
                objects.permissions(),
                objects.roleBinding(),
                service(),
                ingress(),
                daemonSet()));
        if (spec.agentPods().lockdown()) {
            all.add(lockdown());
        }
        return all;
    }

    private Service service() {
        return new ServiceBuilder()
                .withMetadata(objects.metadata(""))
                .withNewSpec()
                .withType("ClusterIP")
                .withInternalTrafficPolicy("Local")
                .withSelector(podLabels())
                .withPorts(servicePorts())
                .endSpec()
                .build();
    }

    private List<ServicePort> servicePorts() {
        var ports = new ArrayList<ServicePort>();
        ports.add(NamedPorts.service(PROXY_PORT, spec.port(), "TCP"));
        scanApi().ifPresent(scanApi -> ports.add(NamedPorts.service(SCAN_API_PORT, scanApi.port(), "TCP")));
        spec.reverseProxies().forEach(proxy -> ports.add(NamedPorts.service(portName(proxy), proxy.port(), "TCP")));
        return ports;
    }

    /** A port's name has at most 15 characters, so it is not made of the proxy's. */
    private static String portName(ReverseProxy proxy) {
        return "reverse-" + proxy.port();
    }

    /** The scan API, where it is open. */
    private Optional<ScanApiSpec> scanApi() {
        return Optional.ofNullable(spec.scanApi()).filter(ScanApiSpec::enabled);
    }

    /** The ports that agents may use. */
    private List<NetworkPolicyPort> agentPorts() {
        var ports = new ArrayList<>(List.of(NamedPorts.allowed(PROXY_PORT, "TCP")));
        if (scanApi().isPresent()) {
            ports.add(NamedPorts.allowed(SCAN_API_PORT, "TCP"));
        }
        spec.reverseProxies().forEach(proxy -> ports.add(NamedPorts.allowed(portName(proxy), "TCP")));
        return ports;
    }

    private DaemonSet daemonSet() {
        var metadata = policy.getMetadata();
        var template = new PodTemplate(
                        Role.FIREWALL, metadata.getNamespace(), metadata.getName(), image, spec.template())
                .arguments("--port", String.valueOf(spec.port()))
                .port(PROXY_PORT, spec.port(), "TCP", 0)
                .scratch("data", "/var/lib/portcullis");
        scanApi().ifPresent(scanApi -> template.arguments("--scan-api-port", String.valueOf(scanApi.port()))
                .port(SCAN_API_PORT, scanApi.port(), "TCP", 0));
        spec.reverseProxies().forEach(proxy -> template.arguments("--reverse-proxy", proxy.name() + "=" + proxy.port())
                .port(portName(proxy), proxy.port(), "TCP", 0));
        var sentinel = Path.of(spec.killSwitch().sentinelFile()).getParent();
        if (sentinel != null && sentinel.isAbsolute() && !TAKEN_DIRECTORIES.contains(sentinel.toString())) {
            template.scratch("stop", sentinel.toString());
        }
        var watched = spec.fileSentry().paths();
        for (var i = 0; i < watched.size(); i++) {
            template.host("watched-" + i, watched.get(i));
        }
        return objects.daemonSet(template.build(PodTemplate.resources("100m", "256Mi", "1Gi")));
    }

    /** Who may reach the proxies: pods of the namespace the ports for agents, pods of the cluster the admin port. */
    private NetworkPolicy ingress() {
        return new NetworkPolicyBuilder()
                .withMetadata(objects.metadata(""))
                .withNewSpec()
                .withNewPodSelector()
                .withMatchLabels(podLabels())
                .endPodSelector()
                .withPolicyTypes("Ingress")
                .addNewIngress()
                .addNewFrom()
                .withPodSelector(new LabelSelector())
                .endFrom()
                .withPorts(agentPorts())
                .endIngress()
                .addToIngress(NamedPorts.fromTheCluster(NamedPorts.allowed(PodTemplate.ADMIN_PORT_NAME, "TCP")))
                .endSpec()
                .build();
    }

    /** Leaves the guarded pods no way out but the proxies and the cluster's DNS. */
    private NetworkPolicy lockdown() {
        var dns = new IntOrString(53);
        return new NetworkPolicyBuilder()
                .withMetadata(objects.metadata("-lockdown"))
                .withNewSpec()
                .withPodSelector(agentsButNotProxies())
                .withPolicyTypes("Egress")
                .addNewEgress()
                .addNewTo()
                .withNewPodSelector()
                .withMatchLabels(podLabels())
                .endPodSelector()
                .endTo()
                .withPorts(agentPorts())
                .endEgress()
                .addNewEgress()
                .addNewTo()
                .withNewNamespaceSelector()
                .withMatchLabels(Map.of("kubernetes.io/metadata.name", "kube-system"))
                .endNamespaceSelector()
                .endTo()
                .addNewPort()
                .withProtocol("UDP")
                .withPort(dns)
                .endPort()
                .addNewPort()
                .withProtocol("TCP")
                .withPort(dns)
                .endPort()
                .endEgress()
                .endSpec()
                .build();
    }

    /** An empty selector takes every pod of the namespace, and the proxies must keep their way out. */
    private LabelSelector agentsButNotProxies() {
        return new LabelSelectorBuilder(spec.agentPods().selector())
                .addNewMatchExpression()
                .withKey(Labels.COMPONENT)
                .withOperator("NotIn")
                .withValues(Role.FIREWALL.label(), Role.FLOW.label())
                .endMatchExpression()
                .build();
    }

    private Map<String, String> podLabels() {
        return Labels.podSelector(Role.FIREWALL, policy.getMetadata().getName());
    }
}
