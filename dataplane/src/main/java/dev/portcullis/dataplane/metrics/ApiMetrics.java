package dev.portcullis.dataplane.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What the HTTP API of a detector counts. Any thread. */
public final class ApiMetrics {
    private final Counter connectionsRefused;
    private final Counter requests;
    private final Gauge streams;
    private final Counter eventsMissed;

    /** Registers the families. */
    public ApiMetrics(PrometheusRegistry registry) {
        connectionsRefused = Counter.builder()
                .name("portcullis_api_connections_refused_total")
                .help("Connections to the API closed because too many were open.")
                .withoutExemplars()
                .register(registry);
        requests = Counter.builder()
                .name("portcullis_api_requests_total")
                .help("Requests answered by the API, by status code.")
                .labelNames("code")
                .withoutExemplars()
                .register(registry);
        streams = Gauge.builder()
                .name("portcullis_api_event_streams")
                .help("Clients of /api/v1/events.")
                .withoutExemplars()
                .register(registry);
        eventsMissed = Counter.builder()
                .name("portcullis_api_events_missed_total")
                .help("Events that clients of /api/v1/events were too slow for.")
                .withoutExemplars()
                .register(registry);
    }

    /** So many event streams more are open. */
    public void streams(int more) {
        streams.inc(more);
    }

    /** A stream's client was too slow for so many events. */
    public void eventsMissed(long count) {
        eventsMissed.inc(count);
    }

    /** A connection found no room. */
    public void connectionRefused() {
        connectionsRefused.inc();
    }

    /** A request was answered with {@code status}. */
    public void answered(int status) {
        requests.labelValues(Integer.toString(status)).inc();
    }
}
