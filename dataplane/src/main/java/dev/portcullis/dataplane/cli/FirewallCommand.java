package dev.portcullis.dataplane.cli;

import dev.portcullis.crd.codec.ConfigCodec;
import dev.portcullis.crd.codec.ConfigException;
import dev.portcullis.crd.resolve.FirewallConfig;
import dev.portcullis.dataplane.admin.AdminServer;
import dev.portcullis.dataplane.firewall.FirewallPorts;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the pods of an AgentPolicy run. Refuses everything until it has a configuration. */
@Command(
        name = "firewall",
        description = "Run one firewall on a resolved configuration; what the pods of an AgentPolicy run.")
public final class FirewallCommand implements Callable<Integer> {
    @Mixin
    PodOptions pod = new PodOptions();

    @Option(names = "--port", defaultValue = "8888", description = "Port of the proxy. Default ${DEFAULT-VALUE}.")
    int port = 8888;

    @Option(
            names = "--scan-api-port",
            defaultValue = "-1",
            description = "Port of the scan API. Default: it is not opened.")
    int scanApiPort = FirewallPorts.NONE;

    @Option(
            names = "--reverse-proxy",
            paramLabel = "NAME=PORT",
            description = "Name and port of a reverse proxy. May be repeated. Default: none.")
    Map<String, Integer> reverseProxies = new LinkedHashMap<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        ScanEngine.prepare();
        var process = new FirewallProcess(
                "firewall", pod.bind, new FirewallPorts(port, scanApiPort, reverseProxies), System.out);
        process.start();
        var admin = AdminServer.open(pod.bind, pod.adminPort, process.view());
        var source = pod.source().start(FirewallCommand::read, process.updater());
        PodProcess.runUntilTold(() -> {
            PodProcess.closeQuietly(source);
            process.drain();
            admin.close();
        });
        return 0;
    }

    private static FirewallConfig read(String payload) {
        try {
            return ConfigCodec.readFirewall(payload.getBytes(StandardCharsets.UTF_8));
        } catch (ConfigException unreadable) {
            throw new IllegalArgumentException(unreadable.getMessage(), unreadable);
        }
    }
}
