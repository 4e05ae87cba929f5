package dev.portcullis.dataplane.cli;

import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.codec.ConfigException;
import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.dataplane.admin.AdminServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the pods of a FlowDetector run. Its ports are those of the first configuration it receives. */
@Command(
        name = "flow",
        description = "Run one flow detector on a resolved configuration; what the pods of a FlowDetector run.")
public final class FlowCommand implements Callable<Integer> {
    @Mixin
    PodOptions pod = new PodOptions();

    @Option(names = "--state", description = "Folder where bans are kept over a restart. Default: they are not kept.")
    @Nullable
    Path state;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var process = new FlowProcess(pod.bind, state);
        process.start();
        var admin = AdminServer.open(pod.bind, pod.adminPort, process.view());
        var source = pod.source().start(FlowCommand::read, process.updater());
        PodProcess.runUntilTold(() -> {
            PodProcess.closeQuietly(source);
            process.drain();
            admin.close();
        });
        return 0;
    }

    private static FlowConfig read(String payload) {
        try {
            return ConfigCodec.readFlow(payload.getBytes(StandardCharsets.UTF_8));
        } catch (ConfigException unreadable) {
            throw new IllegalArgumentException(unreadable.getMessage(), unreadable);
        }
    }
}
