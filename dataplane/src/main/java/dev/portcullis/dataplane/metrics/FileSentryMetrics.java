package dev.portcullis.dataplane.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.IntSupplier;

/** What the file sentry counts. Any thread. */
public final class FileSentryMetrics {
    /** Why something was not looked at: values of the label {@code reason}. */
    public enum Skipped {
        /** Folders beyond the limit, or nested too deep. */
        FOLDERS("folders"),
        /** Files beyond what may wait; all folders are looked through again. */
        QUEUE("queue"),
        /** Changes that the system did not tell about; all folders are looked through again. */
        OVERFLOW("overflow"),
        /** The end of a file beyond the scanned part. */
        SIZE("size"),
        /** Neither a file nor a folder: a link, pipe, socket or device. */
        SPECIAL("special"),
        /** What may not be read, or is gone. */
        UNREADABLE("unreadable"),
        /** What does not answer. */
        STUCK("stuck");

        private final String label;

        Skipped(String label) {
            this.label = label;
        }
    }

    private final PrometheusRegistry registry;
    private final Counter findings;
    private final Counter skipped;

    /** Registers the families that are counted. */
    public FileSentryMetrics(PrometheusRegistry registry) {
        this.registry = registry;
        findings = Counter.builder()
                .name("pipelock_file_sentry_findings_total")
                .help("Secrets found in files that agents write.")
                .labelNames("pattern", "severity", "agent")
                .withoutExemplars()
                .register(registry);
        skipped = Counter.builder()
                .name("portcullis_file_sentry_skipped_total")
                .help("What the file sentry did not look at, by why.")
                .labelNames("reason")
                .withoutExemplars()
                .register(registry);
        for (var reason : Skipped.values()) {
            skipped.initLabelValues(reason.label);
        }
    }

    /** Declares {@code portcullis_file_sentry_folders}, read on each scrape. */
    public void folders(IntSupplier watched) {
        GaugeWithCallback.builder()
                .name("portcullis_file_sentry_folders")
                .help("Folders the file sentry watches.")
                .callback(gauge -> gauge.call(watched.getAsInt()))
                .register(registry);
    }

    /** A secret was found. {@code agent} is the name of a configured agent or {@code unknown}. */
    public void found(String pattern, String severity, String agent) {
        findings.labelValues(pattern, severity, agent).inc();
    }

    /** Something was not looked at. */
    public void skipped(Skipped reason) {
        skipped.labelValues(reason.label).inc();
    }
}
