package dev.portcullis.benchmarks.proxy;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Collects measurements and prints them as a Markdown table, each contender's median with the least and the most, and ratios to
 * squid: of medians, the figure and the CPU each by itself.
 */
final class Report {
    private final List<String> contenders;
    private final int rounds;
    private final Map<String, Map<String, List<Row.Cell>>> cells = new LinkedHashMap<>();
    private final Map<String, DoubleSummaryStatistics> others = new LinkedHashMap<>();

    /** A report with one column for each of {@code contenders}, on {@code rounds} measurements of each row. */
    Report(List<String> contenders, int rounds) {
        this.contenders = List.copyOf(contenders);
        this.rounds = rounds;
    }

    /**
     * Adds one round of one row.
     *
     * @param taken the share of the machine that others had meanwhile, 0 to 1
     */
    void add(Row row, String contender, Row.Cell cell, double taken) {
        cells.computeIfAbsent(row.title(), title -> new LinkedHashMap<>())
                .computeIfAbsent(contender, name -> new ArrayList<>())
                .add(cell);
        others.computeIfAbsent(row.title(), title -> new DoubleSummaryStatistics())
                .accept(taken * 100);
    }

    /** The table. */
    String table() {
        var text = new StringBuilder("| row |");
        contenders.forEach(name -> text.append(' ').append(name).append(" |"));
        text.append(
                " bare ÷ squid | Balanced ÷ squid | CPU bare ÷ squid | CPU Balanced ÷ squid | others took |\n|---|");
        text.append("---|".repeat(contenders.size() + 5)).append('\n');
        cells.forEach((title, row) -> {
            text.append("| ").append(title).append(" |");
            for (var name : contenders) {
                var measured = row.get(name);
                text.append(' ').append(measured == null ? "–" : text(measured)).append(" |");
            }
            for (var cpu : new boolean[] {false, true}) {
                for (var name : List.of(Contenders.BARE, Contenders.BALANCED)) {
                    text.append(' ').append(ratio(row, name, cpu)).append(" |");
                }
            }
            var taken = others.getOrDefault(title, new DoubleSummaryStatistics());
            text.append(String.format(Locale.ROOT, " %.0f–%.0f %% |\n", taken.getMin(), taken.getMax()));
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
        var ours = row.get(name);
        var theirs = row.get(Contenders.SQUID);
        if (ours == null || theirs == null) {
            return "–";
        }
        var ratio = cpu
                ? sorted(ours, Row.Cell::cpu).median()
                        / sorted(theirs, Row.Cell::cpu).median()
                : sorted(ours, Row.Cell::value).median()
                        / sorted(theirs, Row.Cell::value).median();
        return Double.isFinite(ratio) ? String.format(Locale.ROOT, "%.2f", ratio) : "–";
    }

    private String text(List<Row.Cell> measured) {
        var text = new StringBuilder(sorted(measured, Row.Cell::value).text());
        var notes = new ArrayList<String>();
        measured.getFirst().details().keySet().stream()
                .sorted()
                .forEach(name -> notes.add(name + " "
                        + number(sorted(measured, cell -> cell.details().getOrDefault(name, Double.NaN))
                                .median())));
        if (!Double.isNaN(measured.getFirst().cpu())) {
            notes.add("CPU " + sorted(measured, Row.Cell::cpu).text());
        }
        if (measured.size() < rounds) {
            notes.add(measured.size() + " of " + rounds + " rounds");
        }
        if (!notes.isEmpty()) {
            text.append(" (").append(String.join(", ", notes)).append(')');
        }
        return text.toString();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%,.0f", value);
    }

    /** One figure of each round, in ascending order. */
    private record Sorted(double[] values) {
        double median() {
            return values[values.length / 2];
        }

        String text() {
            return values.length == 1
                    ? number(values[0])
                    : number(median()) + " [" + number(values[0]) + "–" + number(values[values.length - 1]) + "]";
        }
    }

    private static Sorted sorted(List<Row.Cell> measured, ToDoubleFunction<Row.Cell> figure) {
        return new Sorted(measured.stream().mapToDouble(figure).sorted().toArray());
    }
}
