package dev.portcullis.operator.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The real kube-controller-manager beside a {@link KubeApi}: DaemonSets make pods, and garbage is collected. */
public final class ControllerManager implements AutoCloseable {
    private final Process process;
    private final Path directory;

    private ControllerManager(Process process, Path directory) {
        this.process = process;
        this.directory = directory;
    }

    /** Starts it; it serves no port. */
    public static ControllerManager start(KubeApi api) {
        try {
            var directory = Files.createTempDirectory("controllers");
            var kubeconfig = directory.resolve("kubeconfig");
            Files.writeString(kubeconfig, api.kubeconfig());
            var process = new ProcessBuilder(
                            KubeApi.BINARIES.resolve("kube-controller-manager").toString(),
                            "--kubeconfig=" + kubeconfig,
                            "--controllers=daemonset-controller,garbage-collector-controller",
                            "--leader-elect=false",
                            "--secure-port=0")
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
            return new ControllerManager(process, directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(directory.resolve("kubeconfig"));
            Files.deleteIfExists(directory.resolve("log"));
            Files.deleteIfExists(directory);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
