package dev.portcullis.benchmarks.flow;

import dev.portcullis.benchmarks.flow.FlowTraffic.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends every collector the same telemetry at the same pace, one after the other, and prints what each used and lost. See
 * {@code benchmarks/README.md}; started by {@code benchmarks/flows}.
 */
public final class FlowComparison {
    /** Destinations of the rows by rate. */
    private static final int HOSTS = 1000;

    private static final int MANY_HOSTS = 1_000_000;
    private static final int MANY_RATE = 250_000;
    private static final int IDLE_SECONDS = 3;

    /** What the threads of Portcullis are called, as far as Linux keeps names. */
    private static final List<String> THREADS = List.of("flow-ingest", "flow-tick", "C2", "C1", "G1", "GC");

    private final Options options;
    private final List<String> portcullis;
    private final Path folder;
    private final ComparisonTable table = new ComparisonTable();
    private final List<String> missing = new ArrayList<>();
    private final Map<Integer, Map<Format, PacedSender>> senders = new HashMap<>();

    private FlowComparison(Options options, List<String> portcullis, Path folder) {
        this.options = options;
        this.portcullis = portcullis;
        this.folder = folder;
    }

    /** One line of the table: so many flows a second of a protocol to so many hosts. */
    record Row(Format format, int rate, int hosts) {
        String title() {
            return String.format(
                    Locale.ROOT,
                    "%s, %,d/s%s",
                    format.name().toLowerCase(Locale.ROOT),
                    rate,
                    hosts == HOSTS ? "" : String.format(Locale.ROOT, ", %,d hosts", hosts));
        }
    }

    /**
     * Runs.
     *
     * @param arguments {@code rows=netflow5,netflow9,ipfix,sflow5,hosts rates=50000,100000 seconds=4 warm=20 rounds=1
     *     contenders=portcullis,nfdump}, each optional, then {@code --} and the command line of Portcullis
     */
    public static void main(String[] arguments) throws IOException {
        var words = List.of(arguments);
        var split = words.indexOf("--");
        if (split < 0) {
            System.err.println(
                    "usage: benchmarks/flows [rows=…] [rates=…] [seconds=…] [warm=…] [rounds=…] [contenders=…]");
            System.exit(2);
        }
        var shared = Path.of("/dev/shm");
        var folder = Files.createTempDirectory(Files.isDirectory(shared) ? shared : Path.of("/tmp"), "flows-");
        try {
            new FlowComparison(Options.of(words.subList(0, split)), words.subList(split + 1, words.size()), folder)
                    .run();
        } finally {
            try (var files = Files.walk(folder)) {
                files.sorted(java.util.Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    private void run() throws IOException {
        for (var sflow : new boolean[] {false, true}) {
            var rows = options.measured().stream()
                    .filter(row -> row.format().sampledPackets() == sflow)
                    .toList();
            if (!rows.isEmpty()) {
                run(rows, sflow);
            }
        }
        System.out.println(
                "Load average " + Files.readString(Path.of("/proc/loadavg")).strip() + ", "
                        + Runtime.getRuntime().availableProcessors() + " processors, " + options);
        if (!missing.isEmpty()) {
            System.out.println("Not on this machine, left out: " + String.join(", ", new TreeSet<>(missing)));
        }
        System.out.println("\n" + table.text());
    }

    private void run(List<Row> rows, boolean sflow) throws IOException {
        var collectors = Collectors.in(folder.resolve(sflow ? "sflow" : "netflow"), sflow, portcullis, missing);
        collectors.removeIf(collector -> !options.takes(collector));
        try {
            for (var collector : collectors) {
                collector.start();
            }
            for (var collector : collectors) {
                table.idle(collector, collector.residentMib());
                warm(collector, rows);
            }
            var idle = idle(collectors);
            for (var round = 0; round < options.rounds(); round++) {
                for (var row : rows) {
                    for (var collector : collectors) {
                        table.add(row.title(), collector.name(), measure(row, collector, idle));
                    }
                }
            }
            for (var collector : collectors) {
                table.counted(sflow ? "sFlow" : "NetFlow, IPFIX", collector, collector.finish());
            }
        } finally {
            collectors.forEach(Collector::close);
        }
    }

    private void warm(Collector collector, List<Row> rows) throws IOException {
        var formats = rows.stream().map(Row::format).distinct().toList();
        for (var format : formats) {
            send(collector, sender(format, HOSTS), 100_000, (double) options.warm() / formats.size());
        }
    }

    /** CPU seconds a second of each while nothing is sent. */
    private static Map<String, Double> idle(List<Collector> collectors) {
        var before = new HashMap<String, Double>();
        collectors.forEach(collector -> before.put(collector.name(), collector.cpuSeconds()));
        LockSupport.parkNanos(IDLE_SECONDS * 1_000_000_000L);
        var idle = new HashMap<String, Double>();
        for (var collector : collectors) {
            idle.put(
                    collector.name(),
                    (collector.cpuSeconds() - before.getOrDefault(collector.name(), 0.0)) / IDLE_SECONDS);
        }
        return idle;
    }

    private ComparisonTable.Cell measure(Row row, Collector collector, Map<String, Double> idle) throws IOException {
        var sender = sender(row.format(), row.hosts());
        var ours = collector.name().equals(Collectors.PORTCULLIS);
        var threads = ours ? collector.threads(THREADS) : null;
        var cpu = collector.cpuSeconds();
        var began = System.nanoTime();
        var sent = send(collector, sender, row.rate(), options.seconds());
        var took = (System.nanoTime() - began) / 1e9;
        var used = collector.cpuSeconds() - cpu;
        var millions = sent.flows() / 1e6;
        if (threads != null) {
            table.threads(
                    row.title(), millions, used, collector.threads(THREADS).since(threads));
        }
        return new ComparisonTable.Cell(
                (used - idle.getOrDefault(collector.name(), 0.0) * took) / millions,
                (double) sent.droppedFlows() / sent.flows(),
                collector.residentMib(),
                sent.flows() / sent.seconds() / row.rate());
    }

    private record Received(long flows, long droppedFlows, double seconds) {}

    private static Received send(Collector collector, PacedSender sender, int rate, double seconds) throws IOException {
        var dropped = collector.dropped();
        var sent = sender.send(collector.port(), rate, seconds);
        collector.settle();
        var lost = Math.round((collector.dropped() - dropped) * (double) sent.flows() / Math.max(1, sent.datagrams()));
        collector.note(sent.flows(), lost);
        return new Received(sent.flows(), lost, sent.seconds());
    }

    private PacedSender sender(Format format, int hosts) throws IOException {
        var ofHosts = senders.computeIfAbsent(hosts, any -> new EnumMap<>(Format.class));
        var sender = ofHosts.get(format);
        if (sender == null) {
            sender = new PacedSender(
                    format, new FlowTraffic(format, hosts, Math.max(hosts, 200_000), 1, FlowTraffic.Layout.DENSE));
            ofHosts.put(format, sender);
        }
        return sender;
    }

    /** What the command line says. */
    record Options(Set<String> rows, List<Integer> rates, Set<String> contenders, int seconds, int warm, int rounds) {
        static Options of(List<String> words) {
            var values = new HashMap<String, String>(Map.of(
                    "rows", "netflow5,netflow9,ipfix,sflow5,hosts",
                    "rates", "50000,100000,200000,400000",
                    "contenders", "",
                    "seconds", "4",
                    "warm", "20",
                    "rounds", "1"));
            for (var word : words) {
                var equals = word.indexOf('=');
                if (equals < 0 || values.replace(word.substring(0, equals), word.substring(equals + 1)) == null) {
                    throw new IllegalArgumentException("unknown option " + word + ": known are " + values.keySet());
                }
            }
            return new Options(
                    names(values.getOrDefault("rows", "")),
                    names(values.getOrDefault("rates", "")).stream()
                            .map(Integer::valueOf)
                            .sorted()
                            .toList(),
                    names(values.getOrDefault("contenders", "")),
                    Integer.parseInt(values.getOrDefault("seconds", "")),
                    Integer.parseInt(values.getOrDefault("warm", "")),
                    Integer.parseInt(values.getOrDefault("rounds", "")));
        }

        List<Row> measured() {
            var measured = new ArrayList<Row>();
            for (var format : Format.values()) {
                if (rows.contains(format.name().toLowerCase(Locale.ROOT))) {
                    rates.forEach(rate -> measured.add(new Row(format, rate, HOSTS)));
                }
            }
            if (rows.contains("hosts")) {
                measured.add(new Row(Format.NETFLOW5, MANY_RATE, MANY_HOSTS));
            }
            return measured;
        }

        boolean takes(Collector collector) {
            return contenders.isEmpty() || contenders.contains(collector.name());
        }

        private static Set<String> names(String list) {
            var names = new TreeSet<String>();
            Arrays.stream(list.split(","))
                    .map(String::strip)
                    .filter(name -> !name.isEmpty())
                    .forEach(names::add);
            return names;
        }
    }
}
