package dev.portcullis.dataplane.flow.ingest;

import dev.portcullis.dataplane.metrics.FlowMetrics;
import java.util.HashSet;
import java.util.Set;

/**
 * Which exporters have a metric label of their own: the first ones, with room kept for those that newcomers cannot
 * displace. The label of one that is forgotten is free again, and its series end. Any thread.
 */
final class ExporterLabels {
    /** Label of all the others. */
    static final String OTHER = "other";

    /** Labels given at once. */
    static final int MOST = 1024;

    /** Labels that newcomers may have at once. */
    static final int MOST_NEWCOMERS = 512;

    private final FlowMetrics metrics;
    private final Set<String> given = new HashSet<>();
    private final Set<String> newcomers = new HashSet<>();

    ExporterLabels(FlowMetrics metrics) {
        this.metrics = metrics;
    }

    /** Gives an exporter its own label if there is one left for its standing. */
    synchronized void give(ExporterSource source, boolean established) {
        var text = source.exporter().address().getHostAddress();
        if (given.contains(text)) {
            if (established) {
                newcomers.remove(text);
            }
            return;
        }
        if (given.size() < MOST && (established || newcomers.size() < MOST_NEWCOMERS)) {
            given.add(text);
            if (!established) {
                newcomers.add(text);
            }
            source.label(text);
        }
    }

    /** Takes the label of an exporter that is forgotten back. */
    synchronized void takeBack(ExporterSource source) {
        var text = source.label();
        if (given.remove(text)) {
            newcomers.remove(text);
            source.label(OTHER);
            metrics.forgetExporter(text);
        }
    }
}
