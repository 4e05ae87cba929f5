package dev.portcullis.dataplane.metrics;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/** The families of single exporters, those that have a label of their own. Read at each scrape. Any thread. */
public final class ExporterMetrics {
    private volatile Consumer<Reader> exporters = reader -> {};

    /**
     * What is told of one exporter.
     *
     * @param silentSeconds time since its last datagram
     * @param templateSeconds time since its templates were last announced; negative when it has none
     * @param lost records or datagrams its sequence numbers say are missing
     * @param samplingRate of its latest record, one in how many packets; 0 before the first
     * @param samplingRatio what its packet samples stand for over what its interfaces counted; 0 where nobody knows
     */
    public record Numbers(
            double silentSeconds, double templateSeconds, long lost, double samplingRate, double samplingRatio) {}

    /** Takes the numbers of exporters. */
    public interface Reader {
        /** One exporter, with the value of the label {@code exporter}. */
        void exporter(String label, Numbers numbers);
    }

    ExporterMetrics(PrometheusRegistry registry) {
        gauge(
                registry,
                "portcullis_exporter_last_seen_seconds",
                "Time since the last datagram of an exporter.",
                Numbers::silentSeconds);
        gauge(
                registry,
                "portcullis_exporter_template_age_seconds",
                "Time since the templates of an exporter were last announced.",
                Numbers::templateSeconds);
        gauge(
                registry,
                "portcullis_exporter_sampling_rate",
                "One in how many packets the latest record of an exporter stands for, as it is counted.",
                numbers -> numbers.samplingRate() > 0 ? numbers.samplingRate() : -1);
        gauge(
                registry,
                "portcullis_exporter_sampling_ratio",
                "Packets that the samples of an sFlow agent stand for over those its interfaces counted: 1 where sampling is as it says.",
                numbers -> numbers.samplingRatio() > 0 ? numbers.samplingRatio() : -1);
        CounterWithCallback.builder()
                .name("portcullis_exporter_lost_total")
                .help(
                        "Records (netflow5, ipfix) or datagrams (netflow9, sflow5) of an exporter lost, by their sequence numbers.")
                .labelNames("exporter")
                .callback(callback -> exporters.accept((exporter, numbers) -> callback.call(numbers.lost(), exporter)))
                .register(registry);
    }

    /** A family without a series of an exporter of which {@code value} is negative. */
    private void gauge(PrometheusRegistry registry, String name, String help, ToDoubleFunction<Numbers> value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("exporter")
                .callback(callback -> exporters.accept((exporter, numbers) -> {
                    var now = value.applyAsDouble(numbers);
                    if (now >= 0) {
                        callback.call(now, exporter);
                    }
                }))
                .register(registry);
    }

    /** Says where the numbers come from. */
    public void from(Consumer<Reader> source) {
        exporters = source;
    }
}
