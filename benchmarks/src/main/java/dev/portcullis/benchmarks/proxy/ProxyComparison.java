package dev.portcullis.benchmarks.proxy;

import dev.portcullis.benchmarks.process.Machine;
import dev.portcullis.benchmarks.proxy.Upstream.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Runs every contender over every row, interleaved, and prints the table. See {@code benchmarks/README.md}; started by
 * {@code benchmarks/proxies}.
 */
public final class ProxyComparison {
    private ProxyComparison() {}

    /**
     * Runs.
     *
     * @param arguments {@code rows=get,post,connect,tunnel,websocket,intercept,idle,start seconds=3 warm=20 settle=12 rounds=3
     *     contenders=squid,portcullis tunnels=9500}, each optional, then {@code --} and the command line of Portcullis
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        var split = List.of(arguments).indexOf("--");
        if (split < 0) {
            System.err.println(
                    "usage: benchmarks/proxies [rows=…] [seconds=…] [warm=…] [settle=…] [rounds=…] [contenders=…] [tunnels=…]");
            System.exit(2);
        }
        var options = Options.of(List.of(arguments).subList(0, split));
        var portcullis = List.of(arguments).subList(split + 1, arguments.length);
        var shared = Path.of("/dev/shm");
        var folder = Files.createTempDirectory(Files.isDirectory(shared) ? shared : Path.of("/tmp"), "proxies-");
        // Squid started by root goes on as another user.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            run(options, portcullis, folder);
        } finally {
            try (var files = Files.walk(folder)) {
                files.sorted(java.util.Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    private static void run(Options options, List<String> portcullis, Path folder)
            throws IOException, InterruptedException {
        var contenders = new ArrayList<>(Contenders.in(folder, portcullis).values());
        contenders.removeIf(contender -> !options.takes(contender));
        var report = new Report(contenders.stream().map(Contender::name).toList(), options.rounds());
        System.out.println("At the beginning: load average " + loadAverage() + "\n");
        var certificate = Certificate.in(folder.resolve("certificate"));
        var intercepting = Contenders.intercepting(folder.resolve("intercepting"), portcullis, certificate);
        try (var upstream = new Upstream(folder.resolve("upstream"), certificate)) {
            var rows = rows(options, upstream, folder, portcullis, intercepting);
            var plain = rows.stream().anyMatch(row -> !(row instanceof InterceptRow));
            try {
                for (var contender : plain ? contenders : List.<Contender>of()) {
                    contender.start();
                    warm(contender, upstream, folder, options.warm());
                }
                for (var round = 0; round < options.rounds(); round++) {
                    for (var row : rows) {
                        if (round == 0) {
                            for (var contender : contenders) {
                                settle(row, contender, options.settle());
                            }
                        }
                        for (var i = 0; i < contenders.size(); i++) {
                            // Nobody is always the first, or always behind the same other.
                            measure(row, contenders.get((i + round) % contenders.size()), report);
                        }
                    }
                }
            } finally {
                contenders.forEach(Contender::close);
                intercepting.values().forEach(Contender::close);
            }
        }
        System.out.println("At the end: load average " + loadAverage() + ", "
                + Runtime.getRuntime().availableProcessors() + " processors, " + options + "\n");
        System.out.println(report.table());
        System.out.println(report.ratios());
    }

    private static String loadAverage() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).trim();
    }

    /** The row's own load for at least {@code seconds}, unmeasured: what runs on a JVM is compiled meanwhile. */
    private static void settle(Row row, Contender contender, int seconds) throws InterruptedException {
        if (seconds == 0 || contender.direct() || !row.settles()) {
            return;
        }
        var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try {
            while (row.measure(contender) != null && System.nanoTime() < end) {
                // Once more.
            }
        } catch (IOException e) {
            System.err.println(contender.name() + ", before " + row.title() + ": " + e);
        }
    }

    /** A row that fails for one contender is told and left out: the others took minutes to measure. */
    private static void measure(Row row, Contender contender, Report report) throws InterruptedException {
        try {
            var before = Machine.now();
            var cell = row.measure(contender);
            if (cell != null) {
                report.add(row, contender.name(), cell, Machine.now().othersSince(before));
            }
        } catch (IOException e) {
            System.err.println(contender.name() + ", " + row.title() + ": " + e);
        }
    }

    /** The same for everybody: half the time requests, a quarter bodies, a quarter tunnels. */
    private static void warm(Contender contender, Upstream upstream, Path folder, int seconds)
            throws IOException, InterruptedException {
        if (!contender.direct() && seconds > 0) {
            WrkRow.get(upstream, Size.KIB, 32, Math.max(1, seconds / 2), folder).measure(contender);
            WrkRow.post(upstream, Size.KIB64, 8, Math.max(1, seconds / 4), folder)
                    .measure(contender);
            new ConnectRow(upstream, 32, Math.max(1, seconds / 4)).measure(contender);
        }
    }

    private static List<Row> rows(
            Options options,
            Upstream upstream,
            Path folder,
            List<String> portcullis,
            Map<String, Contender> intercepting) {
        var rows = new ArrayList<Row>();
        for (var size : List.of(Size.KIB, Size.KIB64, Size.MIB)) {
            for (var connections : new int[] {1, 32, 256}) {
                rows.add(WrkRow.get(upstream, size, connections, seconds(options, size, connections), folder));
            }
        }
        for (var size : List.of(Size.KIB, Size.KIB64, Size.MIB)) {
            for (var connections : new int[] {1, 32, 256}) {
                rows.add(WrkRow.post(upstream, size, connections, seconds(options, size, connections), folder));
            }
        }
        rows.add(new ConnectRow(upstream, 32, options.seconds()));
        rows.add(new TunnelRow(upstream, 4, options.seconds() * 2));
        rows.add(new WebSocketRow(16, options.seconds()));
        var warmed = new java.util.HashSet<String>();
        for (var shape : Shape.values()) {
            rows.add(new InterceptRow(
                    shape.title,
                    upstream,
                    shape.post ? "/post" : "/" + Size.KIB.file(),
                    shape.post ? Size.KIB64.text() : new byte[0],
                    shape.clients,
                    shape.kept,
                    options.seconds(),
                    options.warm(),
                    intercepting,
                    warmed));
        }
        rows.add(new IdleTunnelsRow(upstream, options.tunnels()));
        rows.add(new StartRow(upstream, () -> Contenders.in(folder.resolve("fresh"), portcullis), folder));
        rows.removeIf(row -> !options.takes(row));
        return rows;
    }

    /**
     * How long a row is measured. A proxy that scans gets through some tens of bodies of 1 MiB a second and is fair to all
     * connections: with 256 of them none is complete before the first seconds are over.
     */
    private static int seconds(Options options, Size size, int connections) {
        return size == Size.MIB && connections > 32 ? options.seconds() * 4 : options.seconds();
    }

    /** What is sent through proxies that intercept. */
    private enum Shape {
        GET("intercepted GET 1 KiB, 32 kept connections, requests/s", 32, true, false),
        HANDSHAKE("intercepted GET 1 KiB, 8 clients, a handshake each, requests/s", 8, false, false),
        POST("intercepted POST 64 KiB, 32 kept connections, requests/s", 32, true, true);

        private final String title;
        private final int clients;
        private final boolean kept;
        private final boolean post;

        Shape(String title, int clients, boolean kept, boolean post) {
            this.title = title;
            this.clients = clients;
            this.kept = kept;
            this.post = post;
        }
    }

    /** What the command line says. */
    record Options(
            Set<String> rows, Set<String> contenders, int seconds, int warm, int settle, int rounds, int tunnels) {
        static Options of(List<String> words) {
            var values = new java.util.HashMap<String, String>(Map.of(
                    "rows",
                    "",
                    "contenders",
                    "",
                    "seconds",
                    "3",
                    "warm",
                    "20",
                    "settle",
                    "0",
                    "rounds",
                    "1",
                    "tunnels",
                    "9500"));
            for (var word : words) {
                var equals = word.indexOf('=');
                if (equals < 0 || values.replace(word.substring(0, equals), word.substring(equals + 1)) == null) {
                    throw new IllegalArgumentException("unknown option " + word + ": known are " + values.keySet());
                }
            }
            return new Options(
                    names(values.getOrDefault("rows", "")),
                    names(values.getOrDefault("contenders", "")),
                    Integer.parseInt(values.getOrDefault("seconds", "3")),
                    Integer.parseInt(values.getOrDefault("warm", "20")),
                    Integer.parseInt(values.getOrDefault("settle", "0")),
                    Integer.parseInt(values.getOrDefault("rounds", "1")),
                    Integer.parseInt(values.getOrDefault("tunnels", "9500")));
        }

        /** True for a row whose group, or the beginning of whose title, was named, or where none was. */
        boolean takes(Row row) {
            return rows.isEmpty()
                    || rows.stream()
                            .anyMatch(name ->
                                    row.group().equals(name) || row.title().startsWith(name));
        }

        boolean takes(Contender contender) {
            return contenders.isEmpty() || contenders.contains(contender.name());
        }

        private static Set<String> names(String list) {
            var names = new TreeSet<String>();
            for (var name : list.split(",")) {
                if (!name.isBlank()) {
                    names.add(name.strip());
                }
            }
            return names;
        }
    }
}
