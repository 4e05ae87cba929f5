package dev.portcullis.operator.cluster;

import static org.awaitility.Awaitility.await;

import dev.portcullis.operator.resource.AgentPolicyResource;
import dev.portcullis.operator.resource.FlowDetectorResource;
import dev.portcullis.operator.resource.KillSwitchResource;
import dev.portcullis.operator.resource.MitigationPolicyResource;
import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A real etcd and kube-apiserver with our CRDs, one for all tests of a run. Where its programs are missing, tests are
 * skipped with a line that says so, or fail with {@code -Drequire.cluster=true}.
 */
public final class KubeApi {
    static final Path BINARIES = Path.of(System.getProperty("kubernetes.binaries", ""));
    private static @Nullable KubeApi running;

    private final String kubeconfig;

    private KubeApi(String kubeconfig) {
        this.kubeconfig = kubeconfig;
    }

    /** The API server, started if it is not yet. */
    public static synchronized KubeApi started() {
        if (running == null) {
            var missing = !Files.isDirectory(BINARIES.resolve("k8s"));
            var advice = "no Kubernetes programs in " + BINARIES + ": run tools/kubernetes/build";
            if (missing && Boolean.getBoolean("require.cluster")) {
                throw new IllegalStateException(advice);
            }
            Assumptions.assumeFalse(missing, advice);
            var server = new KubeAPIServer(KubeAPIServerConfigBuilder.anAPIServerConfig()
                    .withTestDir(BINARIES.toString())
                    .withUpdateKubeConfig(false)
                    .build());
            server.start();
            Runtime.getRuntime().addShutdownHook(new Thread(server::stop));
            running = new KubeApi(server.getKubeConfigYaml());
            running.installCrds();
        }
        return running;
    }

    private void installCrds() {
        try (var client = client();
                var files = Files.newDirectoryStream(
                        Path.of(System.getProperty("project.root")).resolve("crds/yaml"))) {
            for (var file : files) {
                apply(client, Files.readString(file));
            }
            // Established a moment before it is served.
            await().ignoreExceptions().untilAsserted(() -> {
                client.resources(AgentPolicyResource.class).inAnyNamespace().list();
                client.resources(KillSwitchResource.class).inAnyNamespace().list();
                client.resources(FlowDetectorResource.class).inAnyNamespace().list();
                client.resources(MitigationPolicyResource.class)
                        .inAnyNamespace()
                        .list();
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates the CRDs in {@code yaml} and waits until they can be used. */
    public static void apply(KubernetesClient client, String yaml) {
        for (var crd : client.load(
                        new java.io.ByteArrayInputStream(yaml.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .items()) {
            client.resource(crd).forceConflicts().serverSideApply();
            client.apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName(crd.getMetadata().getName())
                    .waitUntilCondition(
                            found -> found != null
                                    && found.getStatus() != null
                                    && found.getStatus().getConditions() != null
                                    && found.getStatus().getConditions().stream()
                                            .anyMatch(condition -> condition
                                                            .getType()
                                                            .equals("Established")
                                                    && condition.getStatus().equals("True")),
                            30,
                            java.util.concurrent.TimeUnit.SECONDS);
        }
    }

    /** A client with every right. */
    public KubernetesClient client() {
        return client(config -> {}, null);
    }

    /** A client, {@code configured}, every request of which passes {@code interceptor}. */
    public KubernetesClient client(Consumer<Config> configured, @Nullable Interceptor interceptor) {
        var config = Config.fromKubeconfig(kubeconfig);
        config.setRequestRetryBackoffLimit(0);
        configured.accept(config);
        var builder =
                new KubernetesClientBuilder().withConfig(config).withHttpClientFactory(new JdkHttpClientFactory());
        if (interceptor != null) {
            builder.withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("test", interceptor));
        }
        return builder.build();
    }

    /** The kubeconfig of {@link #client()}. */
    public String kubeconfig() {
        return kubeconfig;
    }

    /** A new namespace. */
    public static String namespace(KubernetesClient client) {
        var name = "test-" + UUID.randomUUID().toString().substring(0, 8);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }
}
