package dev.portcullis.benchmarks.proxy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects measurements and prints them as a Markdown table, each contender's median, with ratios to squid. */
final class Report {
    private final List<String> contenders;
    private final Map<String, Map<String, List<Row.Cell>>> cells = new LinkedHashMap<>();

    /** A report with one column for each of {@code contenders}. */
    Report(List<String> contenders) {
        this.contenders = List.copyOf(contenders);
    }

    /** Adds one round of one row. */
    void add(Row row, String contender, Row.Cell cell) {
        cells.computeIfAbsent(row.title(), title -> new LinkedHashMap<>())
                .computeIfAbsent(contender, name -> new ArrayList<>())
                .add(cell);
    }

    /** The table. */
    String table() {
        var text = new StringBuilder("| row |");
        contenders.forEach(name -> text.append(' ').append(name).append(" |"));
        text.append(" bare ÷ squid | Balanced ÷ squid | CPU bare ÷ squid | CPU Balanced ÷ squid |\n|---|");
        text.append("---|".repeat(contenders.size() + 4)).append('\n');
        cells.forEach((title, row) -> {
            text.append("| ").append(title).append(" |");
            for (var name : contenders) {
                var cell = median(row.get(name));
                text.append(' ').append(cell == null ? "–" : text(cell)).append(" |");
            }
            for (var cpu : new boolean[] {false, true}) {
                for (var name : List.of(Contenders.BARE, Contenders.BALANCED)) {
                    text.append(' ').append(ratio(row, name, cpu)).append(" |");
                }
            }
            text.append('\n');
        });
        return text.toString();
    }

    /** What everybody did beside squid in the same run, the ratios alone: first the figure, then CPU. */
    String ratios() {
        var others = contenders.stream()
                .filter(name -> !name.equals(Contenders.SQUID))
                .toList();
        var text = new StringBuilder("| ÷ squid: figure, CPU |");
        others.forEach(name -> text.append(' ').append(name).append(" |"));
        text.append("\n|---|").append("---|".repeat(others.size())).append('\n');
        cells.forEach((title, row) -> {
            text.append("| ").append(title).append(" |");
            for (var name : others) {
                text.append(' ').append(ratio(row, name, false));
                text.append(", ").append(ratio(row, name, true)).append(" |");
            }
            text.append('\n');
        });
        return text.toString();
    }

    private static String ratio(Map<String, List<Row.Cell>> row, String name, boolean cpu) {
        var ours = median(row.get(name));
        var theirs = median(row.get(Contenders.SQUID));
        if (ours == null || theirs == null) {
            return "–";
        }
        var ratio = cpu ? ours.cpu() / theirs.cpu() : ours.value() / theirs.value();
        return Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.2f", ratio) : "–";
    }

    private static String text(Row.Cell cell) {
        var text = new StringBuilder(number(cell.value()));
        var notes = new ArrayList<String>();
        cell.details().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(detail -> notes.add(detail.getKey() + " " + number(detail.getValue())));
        if (!Double.isNaN(cell.cpu())) {
            notes.add("CPU " + number(cell.cpu()));
        }
        if (!notes.isEmpty()) {
            text.append(" (").append(String.join(", ", notes)).append(')');
        }
        return text.toString();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%,.0f", value);
    }

    private static Row.@Nullable Cell median(@Nullable List<Row.Cell> rounds) {
        if (rounds == null || rounds.isEmpty()) {
            return null;
        }
        var sorted = rounds.stream()
                .sorted((one, other) -> Double.compare(one.value(), other.value()))
                .toList();
        return sorted.get(sorted.size() / 2);
    }
}
