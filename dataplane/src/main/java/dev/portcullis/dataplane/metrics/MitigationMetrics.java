package dev.portcullis.dataplane.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** What mitigation counts. Every series exists from the start. Any thread. */
public final class MitigationMetrics {
    private final GaugeDataPoint realRoutes;
    private final GaugeDataPoint dryRunRoutes;
    private final GaugeDataPoint realRules;
    private final GaugeDataPoint dryRunRules;
    private final CounterDataPoint rejected;
    private final Map<String, CounterDataPoint> rejectedFor = new HashMap<>();
    private final CounterDataPoint eventsDropped;
    private final CounterDataPoint saved;
    private final CounterDataPoint saveFailed;

    /**
     * Registers the families.
     *
     * @param reasons the closed set of refusal reasons
     */
    public MitigationMetrics(PrometheusRegistry registry, Collection<String> reasons) {
        var routes = Gauge.builder()
                .name("kapkan_mitigate_announced_routes")
                .help("Active bans by mode: real ones are announced to routers, dry_run ones are only decided.")
                .labelNames("mode")
                .withoutExemplars()
                .register(registry);
        realRoutes = routes.labelValues("real");
        dryRunRoutes = routes.labelValues("dry_run");
        var rules = Gauge.builder()
                .name("kapkan_mitigate_flowspec_rules")
                .help("FlowSpec rules of active bans by mode.")
                .labelNames("mode")
                .withoutExemplars()
                .register(registry);
        realRules = rules.labelValues("real");
        dryRunRules = rules.labelValues("dry_run");
        rejected = Counter.builder()
                .name("kapkan_mitigate_bans_rejected_total")
                .help("Bans refused by a safety rule: whitelist, scope or a cap. Once per attack and reason.")
                .withoutExemplars()
                .register(registry);
        var rejections = Counter.builder()
                .name("portcullis_mitigate_rejections_total")
                .help("Bans refused by a safety rule, by the rule. Once per attack and reason.")
                .labelNames("reason")
                .withoutExemplars()
                .register(registry);
        reasons.forEach(reason -> rejectedFor.put(reason, rejections.labelValues(reason)));
        eventsDropped = Counter.builder()
                .name("portcullis_mitigate_events_dropped_total")
                .help("Attack events dropped because too many attacks were waiting for mitigation.")
                .withoutExemplars()
                .register(registry);
        var saves = Counter.builder()
                .name("portcullis_mitigate_book_saves_total")
                .help("Writes of the book of bans to disk.")
                .labelNames("result")
                .withoutExemplars()
                .register(registry);
        saved = saves.labelValues("ok");
        saveFailed = saves.labelValues("error");
    }

    /** Active bans and their FlowSpec rules, as they are now. */
    public void active(int realBans, int dryRunBans, int realFlowSpecRules, int dryRunFlowSpecRules) {
        realRoutes.set(realBans);
        dryRunRoutes.set(dryRunBans);
        realRules.set(realFlowSpecRules);
        dryRunRules.set(dryRunFlowSpecRules);
    }

    /**
     * A ban was refused.
     *
     * @param reason one of the reasons given at construction
     */
    public void rejected(String reason) {
        rejected.inc();
        var counter = rejectedFor.get(reason);
        if (counter == null) {
            throw new IllegalArgumentException("no such reason: " + reason);
        }
        counter.inc();
    }

    /** An attack event found no room. */
    public void eventDropped() {
        eventsDropped.inc();
    }

    /** The book of bans was written, or could not be. */
    public void saved(boolean ok) {
        (ok ? saved : saveFailed).inc();
    }
}
