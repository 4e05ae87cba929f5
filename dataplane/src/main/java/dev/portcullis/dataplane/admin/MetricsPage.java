package dev.portcullis.dataplane.admin;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Renders a registry in the format a scraper asks for: Prometheus text unless {@code Accept} names OpenMetrics. */
public final class MetricsPage {
    private static final ExpositionFormats FORMATS = ExpositionFormats.init();

    private MetricsPage() {}

    /** A rendered page. */
    public record Page(String contentType, byte[] body) {}

    /** Scrapes {@code registry} for a request with this {@code Accept} header. */
    public static Page render(PrometheusRegistry registry, @Nullable String accept) {
        var writer = FORMATS.findWriter(accept);
        var body = new ByteArrayOutputStream(16 * 1024);
        try {
            writer.write(body, registry.scrape(), EscapingScheme.fromAcceptHeader(accept));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Page(writer.getContentType(), body.toByteArray());
    }
}
