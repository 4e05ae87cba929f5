package dev.portcullis.dataplane.cli;

import dev.portcullis.dataplane.config.PodConfig;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that both pod commands take. */
final class PodOptions {
    @Option(
            names = "--config",
            required = true,
            description =
                    "configmap/NAMESPACE/NAME, watched through the API server; or a folder with config.json, watched.")
    String config = "";

    @Option(names = "--fallback", description = "Mounted copy of the ConfigMap, for a start without an API server.")
    @Nullable
    Path fallback;

    @Option(names = "--secrets", description = "Folder with one file <secret>.<key> for each secret value.")
    @Nullable
    Path secrets;

    @Option(names = "--secrets-object", description = "Secret with the same values, watched beside the ConfigMap.")
    @Nullable
    String secretsObject;

    @Option(names = "--bind", defaultValue = "0.0.0.0", description = "Address to listen on. Default ${DEFAULT-VALUE}.")
    String bind = "0.0.0.0";

    @Option(
            names = "--admin-port",
            defaultValue = "9090",
            description = "Port of /metrics /stats /status /healthz /readyz. Default ${DEFAULT-VALUE}.")
    int adminPort = 9090;

    PodConfig source() {
        return new PodConfig(config, fallback, secrets, secretsObject);
    }
}
