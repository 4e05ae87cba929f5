package dev.portcullis.dataplane.firewall;

import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a scraper reads at /metrics.
 *
 * @param counts value of every series of a counter, and how many observations every series of a histogram has
 * @param gauges value of every series of a gauge
 */
record Counters(SortedMap<String, Double> counts, SortedMap<String, Double> gauges) {
    private static final Pattern TYPE = Pattern.compile("^# TYPE (\\S+) (counter|gauge|histogram)$", Pattern.MULTILINE);
    private static final Pattern SERIES = Pattern.compile("^([a-z0-9_]+)(\\{.*})? ([0-9.eE+-]+)$", Pattern.MULTILINE);

    /** Reads {@code page}. */
    static Counters of(String page) {
        var kinds = new TreeMap<String, String>();
        for (var type = TYPE.matcher(page); type.find(); ) {
            kinds.put(type.group(1), type.group(2));
        }
        var counts = new TreeMap<String, Double>();
        var gauges = new TreeMap<String, Double>();
        for (var series = SERIES.matcher(page); series.find(); ) {
            var name = series.group(1);
            var labels = series.group(2) == null ? "" : series.group(2);
            var value = Double.parseDouble(series.group(3));
            var observed = name.endsWith("_count") ? name.substring(0, name.length() - "_count".length()) : "";
            if ("counter".equals(kinds.get(name))) {
                counts.put(name + labels, value);
            } else if ("gauge".equals(kinds.get(name))) {
                gauges.put(name + labels, value);
            } else if ("histogram".equals(kinds.get(observed))) {
                counts.put(name + labels, value);
            }
        }
        return new Counters(counts, gauges);
    }

    /** The counts that moved since {@code before}: a line each, the series and by how much. */
    String since(Counters before) {
        var moved = new StringBuilder();
        counts.forEach((series, value) -> {
            var by = value - before.counts().getOrDefault(series, 0.0);
            if (by != 0) {
                moved.append(series).append(' ').append((long) by).append('\n');
            }
        });
        return moved.toString();
    }

    /** Every series. */
    Set<String> series() {
        var all = new HashSet<>(counts.keySet());
        all.addAll(gauges.keySet());
        return Collections.unmodifiableSet(all);
    }
}
