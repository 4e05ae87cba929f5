package dev.portcullis.dataplane.cli;

import dev.portcullis.dataplane.flow.generate.FlowGenerator;
import dev.portcullis.dataplane.flow.generate.Vector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Sends the telemetry of a made-up attack to a detector. */
@Command(
        name = "flowgen",
        description =
                "Send the flow telemetry of an attack to a detector. Without options: a UDP flood against the protected network of "
                        + "config-samples/local, as NetFlow v5 over loopback.")
public final class FlowgenCommand implements Callable<Integer> {
    @Option(
            names = "--protocol",
            defaultValue = "V5",
            description = "${COMPLETION-CANDIDATES}. Default ${DEFAULT-VALUE}.")
    FlowGenerator.Protocol protocol = FlowGenerator.Protocol.V5;

    @Option(
            names = "--vector",
            defaultValue = "udp_flood",
            description =
                    "udp_flood, syn_flood, ntp_amplification, dns_amplification, icmp_flood or tcp_flood. Default ${DEFAULT-VALUE}.")
    String vector = "udp_flood";

    @Option(
            names = "--target",
            defaultValue = "198.51.100.10",
            description = "Address under attack. Default ${DEFAULT-VALUE}.")
    @Nullable
    InetAddress target;

    @Option(
            names = "--to",
            description = "HOST:PORT of the detector. Default 127.0.0.1:2055, with sFlow 127.0.0.1:6343.")
    @Nullable
    String to;

    @Option(
            names = "--rate",
            defaultValue = "400000",
            description = "Packets a second of the attack. Default ${DEFAULT-VALUE}.")
    long packetsPerSecond = 400_000;

    @Option(names = "--flows", defaultValue = "250", description = "Flow records a second. Default ${DEFAULT-VALUE}.")
    int flowsPerSecond = 250;

    @Option(
            names = "--sampling",
            defaultValue = "100",
            description = "Sampling rate of the exporter, 1 in N. Default ${DEFAULT-VALUE}.")
    int samplingRate = 100;

    @Option(names = "--seconds", defaultValue = "15", description = "How long. Default ${DEFAULT-VALUE}.")
    int seconds = 15;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "The same seed sends the same flows. Default ${DEFAULT-VALUE}.")
    long seed = 1;

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        try {
            FlowGenerator.run(
                    new FlowGenerator.Options(
                            protocol,
                            Vector.of(vector),
                            java.util.Objects.requireNonNull(target),
                            destination(),
                            packetsPerSecond,
                            flowsPerSecond,
                            samplingRate,
                            Duration.ofSeconds(seconds),
                            seed),
                    System.out);
            return 0;
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(
                    java.util.Objects.requireNonNull(spec).commandLine(), String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private InetSocketAddress destination() {
        var address = to;
        if (address == null) {
            return FlowGenerator.Options.standard(protocol).destination();
        }
        var colon = address.lastIndexOf(':');
        if (colon < 1 || !address.substring(colon + 1).matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException(
                    "--to " + address + ": write HOST:PORT, for example 192.0.2.7:2055 or [2001:db8::1]:2055");
        }
        var host = address.substring(0, colon).replaceAll("^\\[|]$", "");
        return new InetSocketAddress(host, Integer.parseInt(address.substring(colon + 1)));
    }
}
