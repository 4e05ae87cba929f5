package dev.portcullis.benchmarks.flow;

import dev.portcullis.dataplane.config.ConfigHolder;
import dev.portcullis.dataplane.flow.FlowEngine;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.AttackListener;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.ingest.Ingest;
import dev.portcullis.dataplane.metrics.FlowMetrics;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Runs a detector in a process of its own on loopback and sends it NetFlow v5.
 *
 * <p>{@code hosts}: a million hosts at 250,000 flows a second: memory above idle, time of a tick, what was lost, pauses.
 * {@code latency}: from the first datagram of an attack to its start, at ten times and at 1.25 times the limit.
 */
public final class LoadRun {
    private static final int RECORDS = 30;
    private static final int DATAGRAM = 24 + 48 * RECORDS;

    private LoadRun() {}

    /** See the class. */
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "detector" -> detector();
            case "hosts" ->
                hosts(
                        Integer.parseInt(args[1]),
                        Integer.parseInt(args[2]),
                        Integer.parseInt(args[3]),
                        List.of(args).subList(4, args.length));
            case "latency" -> latency(Integer.parseInt(args[1]));
            default ->
                throw new IllegalArgumentException(
                        "hosts COUNT FLOWS-A-SECOND SECONDS [JVM-OPTION...], or latency ROUNDS");
        }
    }

    private static void detector() throws Exception {
        var registry = new PrometheusRegistry();
        var policies = new ConfigHolder<FlowPolicy>();
        policies.accept(FlowPolicy.compile(Detectors.withGroups(1000)), "1");
        try (var engine = engine(policies, registry)) {
            engine.start();
            System.out.println("port " + engine.netflowPort());
            var unused = System.in.read();
            var out = new ByteArrayOutputStream();
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
            out.toString(StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .filter(line -> Stream.of(
                                    "kapkan_ingest_flows_total{protocol=\"netflow5\"",
                                    "portcullis_ingest_kernel_drops",
                                    "kapkan_engine_tracked_hosts",
                                    "portcullis_engine_tick_seconds",
                                    "portcullis_engine_late",
                                    "portcullis_window_")
                            .anyMatch(line::startsWith))
                    .forEach(System.out::println);
            System.out.println("end");
        }
    }

    private static FlowEngine engine(ConfigHolder<FlowPolicy> policies, PrometheusRegistry registry) {
        return new FlowEngine(
                policies,
                new FlowMetrics(registry),
                InstantSource.system(),
                new Ingest.Settings(InetAddress.getLoopbackAddress(), 2, 8 << 20, !Boolean.getBoolean("portable")));
    }

    /** @param options for the detector's JVM, instead of the pods' collector; -Dportable=true takes NIO instead of epoll */
    private static void hosts(int count, int flowsASecond, int seconds, List<String> options) throws Exception {
        var log = Files.createTempFile("collections", ".log");
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseCompactObjectHeaders"));
        command.addAll(
                options.stream().anyMatch(option -> option.endsWith("GC"))
                        ? List.of()
                        // As the image and the operator have it for detectors.
                        : List.of(
                                "-XX:+UseG1GC",
                                "-XX:MaxNewSize=4m",
                                "-XX:G1HeapRegionSize=1m",
                                "-XX:ParallelGCThreads=1",
                                "-XX:MaxGCPauseMillis=5",
                                // A quarter of a pod's 2 GiB.
                                "-Xms512m",
                                "-XX:MetaspaceSize=64m"));
        command.addAll(options);
        command.addAll(List.of(
                "-XX:CompileCommand=quiet",
                "-XX:CompileCommand=dontinline,dev.portcullis.dataplane.flow.decode.FlowDecoder::decode",
                "-Xmx1g",
                "-Xlog:gc,gc+phases:file=" + log,
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                LoadRun.class.getName(),
                "detector"));
        var process =
                new ProcessBuilder(command).redirectError(new File("/dev/null")).start();
        try (var from = process.inputReader()) {
            String line;
            do {
                line = from.readLine();
            } while (line != null && !line.startsWith("port "));
            var port = Integer.parseInt(String.valueOf(line).substring(5));
            var datagrams = new ArrayList<ByteBuffer>();
            for (var first = 0; first < count; first += RECORDS) {
                var host = first;
                datagrams.add(datagram(i -> 0x0A000000 + (host + i) % count, 2, 1000));
            }
            Collections.shuffle(datagrams, new Random(1));
            pause(3_000);
            var idle = resident(process.pid());
            var before = process.info().totalCpuDuration().orElse(Duration.ZERO);
            var sent = send(port, datagrams, flowsASecond, seconds);
            var loaded = resident(process.pid());
            var used = process.info().totalCpuDuration().orElse(Duration.ZERO).minus(before);
            pause(1_500);
            process.outputWriter().append('\n').flush();
            System.out.printf(
                    "%d hosts, %d flows sent in %d s; resident idle %d MiB, loaded %d MiB, above idle %d MiB%n",
                    count, sent, seconds, idle >> 10, loaded >> 10, loaded - idle >> 10);
            System.out.printf("%.2f CPU seconds a million flows%n", used.toMillis() * 1e3 / sent);
            while ((line = from.readLine()) != null && !line.equals("end")) {
                System.out.println(line);
            }
            System.out.println("pauses, ms: " + pauses(log));
        } finally {
            process.destroy();
        }
    }

    private static List<Double> pauses(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains("Pause") && line.endsWith("ms"))
                .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1, line.length() - 2)))
                .sorted()
                .toList();
    }

    private static long resident(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    private static long send(int port, List<ByteBuffer> datagrams, int flowsASecond, int seconds) throws IOException {
        try (var channel = DatagramChannel.open()) {
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            var begin = System.nanoTime();
            var sent = 0L;
            var at = 0;
            while (System.nanoTime() - begin < seconds * 1_000_000_000L) {
                var due = (long) ((System.nanoTime() - begin) / 1e9 * flowsASecond);
                while (sent < due) {
                    channel.write(datagrams.get(at).duplicate());
                    at = at + 1 == datagrams.size() ? 0 : at + 1;
                    sent += RECORDS;
                }
                LockSupport.parkNanos(500_000);
            }
            return sent;
        }
    }

    private static void latency(int rounds) throws Exception {
        var policies = new ConfigHolder<FlowPolicy>();
        policies.accept(FlowPolicy.compile(Detectors.withLimit("80k")), "1");
        var started = new ConcurrentHashMap<String, Long>();
        try (var engine = engine(policies, new PrometheusRegistry())) {
            engine.addListener(new AttackListener() {
                @Override
                public void started(Attack attack) {
                    started.put(attack.target().getHostAddress(), System.nanoTime());
                }

                @Override
                public void ongoing(Attack attack) {}

                @Override
                public void ended(Attack attack) {}
            });
            engine.start();
            for (var factor : new double[] {10, 1.25}) {
                var seen = new double[rounds];
                for (var round = 0; round < rounds; round++) {
                    var host = 0x0A000000 | (int) (factor * 4) << 16 | round + 1;
                    seen[round] = attack(engine.netflowPort(), host, factor * 80_000, started);
                }
                Arrays.sort(seen);
                System.out.printf(
                        "%.2f times the limit: %.2f s, %.2f s, %.2f s (least, median, most of %d)%n",
                        factor, seen[0], seen[rounds / 2], seen[rounds - 1], rounds);
            }
        }
    }

    /** Benign flows and an attack from a random moment on; seconds until it is told of. */
    private static double attack(int port, int host, double packetsASecond, ConcurrentHashMap<String, Long> started)
            throws IOException {
        var address =
                InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(host).array());
        started.remove(address.getHostAddress());
        var benign = datagram(i -> 0x0A800000 + i, 5, 3000);
        // 200 datagrams a second.
        var flood = datagram(i -> host, (int) (packetsASecond / 200 / RECORDS), 60);
        pause(6_000 + new Random().nextInt(1000));
        try (var channel = DatagramChannel.open()) {
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            var begin = System.nanoTime();
            var sent = 0;
            while (System.nanoTime() - begin < 8_000_000_000L) {
                for (var due = (System.nanoTime() - begin) / 5_000_000; sent <= due; sent++) {
                    channel.write(flood.duplicate());
                    channel.write(benign.duplicate());
                    channel.write(benign.duplicate());
                }
                var at = started.get(address.getHostAddress());
                if (at != null) {
                    return (at - begin) / 1e9;
                }
                LockSupport.parkNanos(500_000);
            }
        }
        return Double.NaN;
    }

    @FunctionalInterface
    private interface Hosts {
        int host(int record);
    }

    private static ByteBuffer datagram(Hosts hosts, int packets, int bytes) {
        var out = ByteBuffer.allocateDirect(DATAGRAM);
        out.putShort((short) 5)
                .putShort((short) RECORDS)
                .putInt(1000)
                .putInt(1_700_000_000)
                .putInt(0)
                .putInt(0)
                .putInt(0);
        for (var i = 0; i < RECORDS; i++) {
            out.putInt(0xC0000200 + i).putInt(hosts.host(i)).putInt(0).putInt(0);
            out.putInt(packets).putInt(bytes * packets).putInt(990).putInt(990);
            out.putShort((short) (20_000 + i))
                    .putShort((short) 80)
                    .put((byte) 0)
                    .put((byte) 0)
                    .put((byte) 17)
                    .put((byte) 0);
            out.putLong(0);
        }
        return out.flip();
    }

    private static void pause(long millis) {
        LockSupport.parkNanos(millis * 1_000_000);
    }
}
