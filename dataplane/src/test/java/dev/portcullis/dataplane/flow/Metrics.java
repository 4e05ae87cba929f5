package dev.portcullis.dataplane.flow;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** Reads single values from what a scrape of {@code /metrics} gives. */
public final class Metrics {
    private static final Pattern LABEL = Pattern.compile("=\"([^\"]*)\"");

    private Metrics() {}

    /** The text of a scrape. */
    public static String scrape(PrometheusRegistry registry) {
        var out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** The value of the series with these label values, in the order of a scrape; 0 when there is none. */
    public static double value(PrometheusRegistry registry, String name, String... labels) {
        return valueIn(scrape(registry), name, labels);
    }

    /** The same from the text of a scrape. */
    public static double valueIn(String scrape, String name, String... labels) {
        return scrape.lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> LABEL.matcher(line)
                        .results()
                        .map(label -> label.group(1))
                        .toList()
                        .equals(List.of(labels)))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** How many observations a histogram has. */
    public static double count(PrometheusRegistry registry, String name) {
        return value(registry, name + "_count");
    }
}
