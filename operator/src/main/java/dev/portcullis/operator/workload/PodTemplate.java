package dev.portcullis.operator.workload;

import dev.portcullis.crd.v1alpha1.TemplateSpec;
import dev.portcullis.operator.resource.Labels;
import dev.portcullis.operator.resource.Role;
import dev.portcullis.operator.secrets.SecretProjection;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A data-plane pod: Pod Security profile {@code restricted}, read-only root, configuration and secrets mounted beside
 * being watched. The image's own entry point is run, with arguments. It is made of the image, {@code spec.template}, the
 * ports, the watched folders and the directory of the sentinel file alone, so that nothing else rolls pods.
 */
public final class PodTemplate {
    /** Port of /status, /readyz, /healthz and /metrics, in every pod. */
    public static final int ADMIN_PORT = 9090;
    /** Name of that port. */
    public static final String ADMIN_PORT_NAME = "admin";
    /** Name of the container. */
    public static final String CONTAINER = "portcullis";

    private static final String CONFIG_DIRECTORY = "/etc/portcullis/config";
    private static final String SECRETS_DIRECTORY = "/etc/portcullis/secrets";
    private static final long USER = 65532;

    private final Role role;
    private final String namespace;
    private final String name;
    private final String image;
    private final TemplateSpec template;
    private final List<String> arguments = new ArrayList<>();
    private final List<ContainerPort> ports = new ArrayList<>();
    private final List<Volume> volumes = new ArrayList<>();
    private final List<VolumeMount> mounts = new ArrayList<>();
    private String javaOptions = "";

    /** A pod of {@code role} for the resource {@code namespace/name}; {@code image} where the template names none. */
    public PodTemplate(Role role, String namespace, String name, String image, TemplateSpec template) {
        this.role = role;
        this.namespace = namespace;
        this.name = name;
        this.image = template.image().isEmpty() ? image : template.image();
        this.template = template;
        arguments.addAll(List.of(
                role.label(),
                "--config",
                "configmap/" + namespace + "/" + role.objectName(name),
                "--fallback",
                CONFIG_DIRECTORY,
                "--secrets",
                SECRETS_DIRECTORY,
                "--secrets-object",
                SecretProjection.name(role, name),
                "--admin-port",
                String.valueOf(ADMIN_PORT),
                "--bind",
                "0.0.0.0"));
        ports.add(port(ADMIN_PORT_NAME, ADMIN_PORT, "TCP"));
        volumes.add(new VolumeBuilder()
                .withName("config")
                .withNewConfigMap()
                .withName(role.objectName(name))
                .withOptional(true)
                .endConfigMap()
                .build());
        mounts.add(mount("config", CONFIG_DIRECTORY, true));
        volumes.add(new VolumeBuilder()
                .withName("secrets")
                .withNewSecret()
                .withSecretName(SecretProjection.name(role, name))
                .withOptional(true)
                .endSecret()
                .build());
        mounts.add(mount("secrets", SECRETS_DIRECTORY, true));
        scratch("tmp", "/tmp");
    }

    /** Adds {@code arguments} to the command line. */
    public PodTemplate arguments(String... more) {
        arguments.addAll(List.of(more));
        return this;
    }

    /** Adds options of the JVM to the image's own, with spaces between them: the launcher reads {@code JDK_JAVA_OPTIONS}. */
    public PodTemplate javaOptions(String options) {
        javaOptions = options;
        return this;
    }

    /** Adds a port; {@code hostPort} is 0 for none. */
    public PodTemplate port(String portName, int port, String protocol, int hostPort) {
        var added = port(portName, port, protocol);
        if (hostPort != 0) {
            added.setHostPort(hostPort);
        }
        ports.add(added);
        return this;
    }

    /** Adds a directory that can be written to and is gone with the pod. */
    public final PodTemplate scratch(String volume, String directory) {
        volumes.add(new VolumeBuilder()
                .withName(volume)
                .withEmptyDir(new EmptyDirVolumeSource())
                .build());
        mounts.add(mount(volume, directory, false));
        return this;
    }

    /** Adds a folder of the node, made where it is missing, that can only be read. */
    public PodTemplate host(String volume, String directory) {
        volumes.add(new VolumeBuilder()
                .withName(volume)
                .withNewHostPath()
                .withPath(directory)
                .withType("DirectoryOrCreate")
                .endHostPath()
                .build());
        mounts.add(mount(volume, directory, true));
        return this;
    }

    /** The template, with {@code defaults} where the spec sets no resources. */
    public PodTemplateSpec build(ResourceRequirements defaults) {
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(Labels.of(role, name))
                .addToAnnotations("kubectl.kubernetes.io/default-container", CONTAINER)
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(role.objectName(name))
                .withAutomountServiceAccountToken(true)
                .withTerminationGracePeriodSeconds(30L)
                .withNodeSelector(template.nodeSelector().isEmpty() ? null : template.nodeSelector())
                .withTolerations(template.tolerations())
                .withPriorityClassName(template.priorityClassName().isEmpty() ? null : template.priorityClassName())
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .addNewContainer()
                .withName(CONTAINER)
                .withImage(image)
                .withArgs(arguments)
                .withPorts(ports)
                .withEnv(environment())
                .withResources(isSet(template.resources()) ? template.resources() : defaults)
                .withReadinessProbe(probe("/readyz", 2, 3))
                .withLivenessProbe(probe("/healthz", 10, 6))
                .withStartupProbe(probe("/healthz", 1, 60))
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .withVolumeMounts(mounts)
                .endContainer()
                .withVolumes(volumes)
                .endSpec()
                .build();
    }

    private List<EnvVar> environment() {
        var environment = new ArrayList<EnvVar>();
        environment.add(new EnvVar("LOG_FORMAT", "json", null));
        if (!javaOptions.isEmpty()) {
            environment.add(new EnvVar("JDK_JAVA_OPTIONS", javaOptions, null));
        }
        return environment;
    }

    /** CPU and memory asked for, and the memory that may not be passed. */
    public static ResourceRequirements resources(String cpu, String memory, String memoryLimit) {
        var resources = new ResourceRequirements();
        resources.setRequests(Map.of("cpu", new Quantity(cpu), "memory", new Quantity(memory)));
        resources.setLimits(Map.of("memory", new Quantity(memoryLimit)));
        return resources;
    }

    private static boolean isSet(ResourceRequirements resources) {
        return (resources.getRequests() != null && !resources.getRequests().isEmpty())
                || (resources.getLimits() != null && !resources.getLimits().isEmpty())
                || (resources.getClaims() != null && !resources.getClaims().isEmpty());
    }

    private static ContainerPort port(String name, int port, String protocol) {
        var made = new ContainerPort();
        made.setName(name);
        made.setContainerPort(port);
        made.setProtocol(protocol);
        return made;
    }

    private static VolumeMount mount(String volume, String directory, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(directory)
                .withReadOnly(readOnly ? true : null)
                .build();
    }

    private static Probe probe(String path, int seconds, int failures) {
        return new ProbeBuilder()
                .withNewHttpGet()
                .withPath(path)
                .withNewPort(ADMIN_PORT_NAME)
                .endHttpGet()
                .withPeriodSeconds(seconds)
                .withTimeoutSeconds(2)
                .withFailureThreshold(failures)
                .build();
    }

    /** The namespace of the resource. */
    public String namespace() {
        return namespace;
    }
}
