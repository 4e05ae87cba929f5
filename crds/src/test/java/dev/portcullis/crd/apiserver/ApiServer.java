package dev.portcullis.crd.apiserver;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * etcd and kube-apiserver, one pair for all test classes of a JVM, with the CRDs of this module installed. No controllers:
 * nothing makes pods or collects garbage. Register it as a static field:
 * {@snippet :
 * @RegisterExtension
 * static final ApiServer API_SERVER = new ApiServer();
 * }
 *
 * <p>Where the binaries are missing the test class is skipped with one line that says so; {@code -Drequire.cluster=true}
 * makes that a failure.
 */
public final class ApiServer implements BeforeAllCallback {
    private static final Path BINARIES = Path.of(System.getProperty(
            "kubernetes.binaries", System.getProperty("user.home") + "/.cache/portcullis/kubernetes"));

    private @Nullable Running running;

    /** A client with every right. Closed with the server; not to be closed by tests. */
    public KubernetesClient client() {
        return running().client;
    }

    /** The kubeconfig of a user with every right. */
    public String kubeconfig() {
        return running().kubeconfig;
    }

    /** The {@code kubectl} that belongs to the server. */
    public Path kubectl() {
        return running().binaries.resolve("kubectl");
    }

    private Running running() {
        return Objects.requireNonNull(running, "ApiServer must be a static field with @RegisterExtension");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        var binaries = binaries();
        if (binaries == null) {
            var reason = "no kube-apiserver in " + BINARIES + ": build it once with tools/kubernetes/build " + BINARIES;
            if (Boolean.getBoolean("require.cluster")) {
                throw new IllegalStateException(reason);
            }
            System.out.println("SKIPPED " + context.getDisplayName() + ": " + reason);
            Assumptions.abort(reason);
            return;
        }
        running = context.getRoot()
                .getStore(Namespace.create(ApiServer.class))
                .computeIfAbsent(Running.class, type -> new Running(binaries), Running.class);
    }

    /** The folder with the newest server's binaries, null where there is none. */
    private static @Nullable Path binaries() {
        var versions = BINARIES.resolve("k8s");
        if (!Files.isDirectory(versions)) {
            return null;
        }
        try (var folders = Files.list(versions)) {
            return folders.filter(folder -> Files.isExecutable(folder.resolve("kube-apiserver"))
                            && Files.isExecutable(folder.resolve("etcd")))
                    .max(java.util.Comparator.naturalOrder())
                    .orElse(null);
        } catch (IOException e) {
            throw new UncheckedIOException(versions + " cannot be read", e);
        }
    }

    /** The processes, stopped by JUnit after the last test class. */
    private static final class Running implements AutoCloseable {
        final Path binaries;
        final String kubeconfig;
        final KubernetesClient client;
        private final KubeAPIServer server;

        Running(Path binaries) {
            this.binaries = binaries;
            var version = binaries.getFileName().toString().split("-", 2)[0];
            server = new KubeAPIServer(KubeAPIServerConfigBuilder.anAPIServerConfig()
                    .withTestDir(BINARIES.toString())
                    .withApiServerVersion(version)
                    .withUpdateKubeConfig(false)
                    .withStartupTimeout(120_000)
                    .build());
            server.start();
            kubeconfig = server.getKubeConfigYaml();
            client = new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(kubeconfig))
                    .build();
            installCrds();
        }

        private void installCrds() {
            for (var plural : List.of("agentpolicies", "killswitches", "flowdetectors", "mitigationpolicies")) {
                var name = plural + ".portcullis.dev";
                var file = "/dev/portcullis/crd/yaml/" + name + "-v1.yml";
                try (var in = Objects.requireNonNull(ApiServer.class.getResourceAsStream(file), file)) {
                    client.load(in).serverSideApply();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                client.apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withName(name)
                        .waitUntilCondition(
                                crd -> crd != null
                                        && crd.getStatus() != null
                                        && crd.getStatus().getConditions() != null
                                        && crd.getStatus().getConditions().stream()
                                                .anyMatch(condition -> condition
                                                                .getType()
                                                                .equals("Established")
                                                        && condition.getStatus().equals("True")),
                                30,
                                TimeUnit.SECONDS);
            }
        }

        @Override
        public void close() {
            client.close();
            server.stop();
        }
    }
}
