package dev.portcullis.benchmarks.flow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who takes part, each as its package ships it but for what is needed to compare: one port, on loopback, the largest receive
 * buffer it can be told to ask for, and nothing written to a disk. What is not installed is left out.
 */
final class Collectors {
    /** Decodes, counts at hosts and decides about attacks. */
    static final String PORTCULLIS = "portcullis";
    /** nfcapd or sfcapd: decodes and writes to a file. */
    static final String NFDUMP = "nfdump";

    /** Name to the command that must be there; NetFlow and sFlow. */
    private static final List<List<String>> OTHERS = List.of(
            List.of(NFDUMP, "nfcapd", "sfcapd"),
            List.of("goflow2", "goflow2", "goflow2"),
            List.of("pmacct", "nfacctd", "sfacctd"),
            List.of("fastnetmon", "fastnetmon", "fastnetmon"));

    private static final int BUFFER = 4 << 20;
    private static final Pattern NFDUMP_SUMMARY = Pattern.compile("Flows: (\\d+)");

    private Collectors() {}

    /**
     * All that this machine has, none started.
     *
     * @param sflow for sFlow instead of NetFlow and IPFIX
     * @param portcullis the command line that begins Portcullis, without its arguments
     * @param missing gets the name of what is not installed
     */
    static List<Collector> in(Path folder, boolean sflow, List<String> portcullis, List<String> missing) {
        var all = new ArrayList<Collector>();
        var api = freeTcp();
        all.add(new Collector(
                PORTCULLIS,
                (own, port) -> portcullis(portcullis, own, port, api, sflow),
                own -> scraped(api, "kapkan_ingest_flows_total"),
                false,
                folder.resolve(PORTCULLIS),
                freeUdp()));
        for (var other : OTHERS) {
            var name = other.getFirst();
            var program = find(other.get(sflow ? 2 : 1));
            if (program == null) {
                missing.add(other.get(sflow ? 2 : 1));
            } else {
                all.add(of(name, program, folder.resolve(name), sflow));
            }
        }
        return all;
    }

    private static Collector of(String name, String program, Path folder, boolean sflow) {
        return switch (name) {
            case NFDUMP ->
                new Collector(
                        name, (own, port) -> nfdump(program, own, port), Collectors::summary, true, folder, freeUdp());
            case "goflow2" -> {
                var http = freeTcp();
                yield new Collector(
                        name,
                        (own, port) -> goflow2(program, port, http, sflow),
                        own -> scraped(
                                http,
                                sflow
                                        ? "goflow2_flow_process_sf_samples_total"
                                        : "goflow2_flow_process_nf_flowset_records_total"),
                        false,
                        folder,
                        freeUdp());
            }
            case "pmacct" ->
                new Collector(
                        name,
                        (own, port) -> pmacct(program, own, port, sflow),
                        own -> OptionalLong.empty(),
                        true,
                        folder,
                        freeUdp());
            default ->
                new Collector(
                        name,
                        (own, port) -> fastnetmon(program, own, port, sflow),
                        own -> OptionalLong.empty(),
                        true,
                        folder,
                        freeUdp());
        };
    }

    private static List<String> portcullis(List<String> java, Path folder, int port, int api, boolean sflow)
            throws IOException {
        var file = folder.resolve("detector.yaml");
        Files.writeString(file, """
                apiVersion: portcullis.dev/v1alpha1
                kind: FlowDetector
                metadata: {name: benchmark}
                spec:
                  listeners:
                    netflow: {port: %d}
                    sflow: {port: %d}
                  networks: ["10.0.0.0/12", "2001:db8::/64"]
                  thresholds: {packetsPerSecond: 1G, bitsPerSecond: 1P, flowsPerSecond: 1G, tcpSyn: {packetsPerSecond: 1G}}
                  hysteresis: 5s
                  api: {port: %d, allowUnauthenticated: true}
                """.formatted(sflow ? freeUdp() : port, sflow ? port : freeUdp(), api));
        var command = new ArrayList<>(java);
        command.addAll(List.of("run", "-f", file.toString()));
        return command;
    }

    private static List<String> nfdump(String program, Path folder, int port) throws IOException {
        var flows = Files.createDirectories(folder.resolve("flows"));
        return List.of(
                program,
                "-b",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-B",
                Integer.toString(BUFFER),
                "-w",
                flows.toString());
    }

    private static List<String> goflow2(String program, int port, int http, boolean sflow) {
        return List.of(
                program,
                "-listen",
                (sflow ? "sflow" : "netflow") + "://127.0.0.1:" + port,
                "-addr",
                "127.0.0.1:" + http,
                "-format",
                "bin",
                "-transport.file",
                "/dev/null");
    }

    private static List<String> pmacct(String program, Path folder, int port, boolean sflow) throws IOException {
        var daemon = sflow ? "sfacctd" : "nfacctd";
        var config = folder.resolve("pmacct.conf");
        Files.writeString(config, """
                daemonize: false
                %1$s_ip: 127.0.0.1
                %1$s_port: %2$d
                %1$s_pipe_size: %3$d
                plugins: memory
                aggregate: dst_host
                imt_path: %4$s/imt
                imt_mem_pools_number: 0
                plugin_pipe_size: 104857600
                plugin_buffer_size: 102400
                """.formatted(daemon, port, BUFFER, folder));
        return List.of(program, "-f", config.toString());
    }

    private static List<String> fastnetmon(String program, Path folder, int port, boolean sflow) throws IOException {
        var config = folder.resolve("fastnetmon.conf");
        Files.writeString(folder.resolve("networks"), "10.0.0.0/20\n2001:db8::/64\n");
        Files.writeString(folder.resolve("whitelist"), "");
        Files.writeString(config, """
                logging_level = info
                disable_usage_report = on
                enable_ban = off
                enable_ban_ipv6 = off
                process_incoming_traffic = on
                process_outgoing_traffic = off
                networks_list_path = %1$s/networks
                white_list_path = %1$s/whitelist
                check_period = 1
                enable_connection_tracking = off
                threshold_pps = 1000000000
                threshold_mbps = 1000000000
                netflow = %2$s
                netflow_port = %3$d
                netflow_host = 127.0.0.1
                netflow_sampling_ratio = 1
                sflow = %4$s
                sflow_port = %3$d
                sflow_host = 127.0.0.1
                average_calculation_time = 5
                speed_calculation_delay = 1
                monitor_local_ip_addresses = off
                pid_path = %1$s/pid
                cli_stats_file_path = %1$s/stats
                cli_stats_ipv6_file_path = %1$s/stats6
                enable_api = off
                """.formatted(folder, sflow ? "off" : "on", port, sflow ? "on" : "off"));
        return List.of(
                program,
                "--configuration_file",
                config.toString(),
                "--log_file",
                folder.resolve("fastnetmon.log").toString(),
                "--disable_pid_logic");
    }

    private static OptionalLong scraped(int port, String family) throws IOException {
        try (var client = HttpClient.newHttpClient()) {
            var reply = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                            .build(),
                    HttpResponse.BodyHandlers.ofLines());
            return OptionalLong.of(Math.round(series(reply.body(), family)
                    .mapToDouble(Double::doubleValue)
                    .sum()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
    }

    private static Stream<Double> series(Stream<String> lines, String family) {
        return lines.filter(line -> line.startsWith(family + "{") || line.startsWith(family + " "))
                // goflow2 counts templates and options beside flows.
                .filter(line -> !line.contains("emplate") && !line.contains("OptionsData"))
                .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)));
    }

    /** What nfcapd and sfcapd say in their log of each file they finish. */
    private static OptionalLong summary(Path folder) throws IOException {
        return OptionalLong.of(NFDUMP_SUMMARY
                .matcher(Files.readString(folder.resolve("log")))
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum());
    }

    private static @Nullable String find(String program) {
        return Stream.of((System.getenv("PATH") + ":/usr/sbin").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse(null);
    }

    private static int freeUdp() {
        try (var socket = new DatagramSocket()) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freeTcp() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
