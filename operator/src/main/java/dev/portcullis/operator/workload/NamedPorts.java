package dev.portcullis.operator.workload;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;

/** Ports of pods by the names their containers give them, so that Services and NetworkPolicies follow a port that moves. */
public final class NamedPorts {
    private NamedPorts() {}

    /** Port {@code port} of a Service, 1 to 65535, that leads to the container port {@code name}. {@code protocol}: TCP or UDP. */
    public static ServicePort service(String name, int port, String protocol) {
        return new ServicePortBuilder()
                .withName(name)
                .withProtocol(protocol)
                .withPort(port)
                .withTargetPort(new IntOrString(name))
                .build();
    }

    /** The container port {@code name} in a NetworkPolicy. {@code protocol}: TCP or UDP. */
    public static NetworkPolicyPort allowed(String name, String protocol) {
        return new NetworkPolicyPortBuilder()
                .withProtocol(protocol)
                .withPort(new IntOrString(name))
                .build();
    }

    /** Lets pods of every namespace of the cluster, and nobody from outside, reach {@code ports}. */
    public static NetworkPolicyIngressRule fromTheCluster(NetworkPolicyPort... ports) {
        return new NetworkPolicyIngressRuleBuilder()
                .addNewFrom()
                .withNamespaceSelector(new LabelSelector())
                .endFrom()
                .withPorts(ports)
                .build();
    }
}
