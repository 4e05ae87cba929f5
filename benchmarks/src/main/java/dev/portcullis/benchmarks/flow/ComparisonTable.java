package dev.portcullis.benchmarks.flow;

import dev.portcullis.benchmarks.process.ThreadTimes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Collects measurements and prints them as Markdown: each collector's median, and the ratios of Portcullis to each. */
final class ComparisonTable {
    /**
     * A measurement.
     *
     * @param cpu CPU seconds for a million flows sent, those of idling taken off
     * @param lost share of the flows that the kernel dropped for want of receive buffer
     * @param residentMib memory after the row
     * @param offered share of the wanted rate that the sender reached
     */
    record Cell(double cpu, double lost, double residentMib, double offered) {}

    private final Map<String, Map<String, List<Cell>>> rows = new LinkedHashMap<>();
    private final Map<String, Double> idle = new LinkedHashMap<>();
    private final List<String> counts = new ArrayList<>();
    private final List<String> threads = new ArrayList<>();

    void add(String row, String collector, Cell cell) {
        rows.computeIfAbsent(row, unseen -> new LinkedHashMap<>())
                .computeIfAbsent(collector, unseen -> new ArrayList<>())
                .add(cell);
    }

    /** Notes what a collector takes before anything was sent to it. */
    void idle(Collector collector, double residentMib) {
        idle.putIfAbsent(collector.name(), residentMib);
    }

    /** Notes what a collector itself says of all that it was sent. */
    void counted(String protocols, Collector collector, OptionalLong counted) {
        counts.add(String.format(
                Locale.ROOT,
                "| %s, %s | %,d | %,d | %s |",
                collector.name(),
                protocols,
                collector.sent(),
                collector.droppedFlows(),
                counted.isPresent() ? String.format(Locale.ROOT, "%,d", counted.getAsLong()) : "does not say"));
    }

    /** Notes where Portcullis spent its CPU. */
    void threads(String row, double millions, double all, ThreadTimes times) {
        var ingest = sum(times.user(), "flow-ingest");
        var kernel = sum(times.system(), "flow-ingest");
        var tick = sum(times.user(), "flow-tick") + sum(times.system(), "flow-tick");
        var compiler = sum(times.user(), "C2", "C1") + sum(times.system(), "C2", "C1");
        var collections = sum(times.user(), "G1", "GC") + sum(times.system(), "G1", "GC");
        var other = Math.max(0, all - ingest - kernel - tick - compiler - collections);
        threads.add(String.format(
                Locale.ROOT,
                "| %s | %.3f | %.3f | %.3f | %.3f | %.3f | %.3f |",
                row,
                ingest / millions,
                kernel / millions,
                tick / millions,
                compiler / millions,
                collections / millions,
                other / millions));
    }

    private static double sum(Map<String, Double> times, String... names) {
        var sum = 0.0;
        for (var name : names) {
            sum += times.getOrDefault(name, 0.0);
        }
        return sum;
    }

    String text() {
        var text = new StringBuilder(
                "CPU seconds a million flows net of idle (lost by the kernel; resident memory; what the sender reached of the rate, where it was held up)\n\n| row |");
        idle.keySet().forEach(name -> text.append(' ').append(name).append(" |"));
        text.append("\n|---|").append("---|".repeat(idle.size())).append('\n');
        rows.forEach((title, cells) -> {
            text.append("| ").append(title).append(" |");
            idle.keySet().forEach(name -> text.append(' ')
                    .append(text(median(cells.get(name))))
                    .append(" |"));
            text.append('\n');
        });
        text.append("| resident before the first flow, MiB |");
        idle.values().forEach(mib -> text.append(String.format(Locale.ROOT, " %.0f |", mib)));
        text.append(ratios());
        text.append(
                "\n\n| collector | flows sent, warm-up included | in datagrams the kernel dropped | counted by itself |\n|---|---|---|---|\n");
        counts.forEach(line -> text.append(line).append('\n'));
        if (!threads.isEmpty()) {
            text.append("\nWhere Portcullis' CPU went, seconds a million flows, idle included\n\n")
                    .append(
                            "| row | ingest threads, own code | ingest threads, kernel | tick | compiler | collector | other |\n")
                    .append("|---|---|---|---|---|---|---|\n");
            threads.forEach(line -> text.append(line).append('\n'));
        }
        return text.toString();
    }

    /** CPU of Portcullis by that of each other, and what was lost: the table to quote. */
    private String ratios() {
        var others = idle.keySet().stream()
                .filter(name -> !name.equals(Collectors.PORTCULLIS))
                .toList();
        var text = new StringBuilder("\n\nCPU of Portcullis ÷ that of\n\n| row |");
        others.forEach(name -> text.append(' ').append(name).append(" |"));
        text.append(" lost by Portcullis, others |\n|---|")
                .append("---|".repeat(others.size() + 1))
                .append('\n');
        rows.forEach((title, cells) -> {
            text.append("| ").append(title).append(" |");
            others.forEach(name -> text.append(' ').append(ratio(cells, name)).append(" |"));
            text.append(' ').append(lost(cells.get(Collectors.PORTCULLIS)));
            others.forEach(name -> text.append("; ").append(lost(cells.get(name))));
            text.append(" |\n");
        });
        return text.toString();
    }

    private static String lost(@Nullable List<Cell> rounds) {
        var cell = median(rounds);
        return cell == null ? "–" : cell.lost() == 0 ? "0" : String.format(Locale.ROOT, "%.2f %%", 100 * cell.lost());
    }

    private static String ratio(Map<String, List<Cell>> cells, String other) {
        var ours = median(cells.get(Collectors.PORTCULLIS));
        var theirs = median(cells.get(other));
        return ours == null || theirs == null || theirs.cpu() <= 0
                ? "–"
                : String.format(Locale.ROOT, "%.2f", ours.cpu() / theirs.cpu());
    }

    private static String text(@Nullable Cell cell) {
        if (cell == null) {
            return "–";
        }
        var held = cell.offered() > 0.97 ? "" : String.format(Locale.ROOT, "; sent %.0f %%", 100 * cell.offered());
        return String.format(
                Locale.ROOT, "%.2f (%.2f %%; %.0f MiB%s)", cell.cpu(), 100 * cell.lost(), cell.residentMib(), held);
    }

    private static @Nullable Cell median(@Nullable List<Cell> rounds) {
        if (rounds == null || rounds.isEmpty()) {
            return null;
        }
        var sorted =
                rounds.stream().sorted(Comparator.comparingDouble(Cell::cpu)).toList();
        return sorted.get(sorted.size() / 2);
    }
}
