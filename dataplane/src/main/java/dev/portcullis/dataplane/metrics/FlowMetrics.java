package dev.portcullis.dataplane.metrics;

import static dev.portcullis.dataplane.metrics.Declarations.counter;

import dev.portcullis.dataplane.flow.decode.DecodeError;
import dev.portcullis.dataplane.flow.decode.Protocol;
import dev.portcullis.dataplane.flow.decode.TemplateChange;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.IntSupplier;

/**
 * Every family of ingest, windows and detection. Any thread. No label is an address of a victim: {@code /metrics} is open to anyone.
 */
public final class FlowMetrics {
    private final CounterDataPoint[] flows = new CounterDataPoint[Protocol.values().length];
    private final CounterDataPoint[] lost = new CounterDataPoint[Protocol.values().length];
    private final CounterDataPoint[] errorsByReason = new CounterDataPoint[DecodeError.values().length];
    private final CounterDataPoint[] templateChanges = new CounterDataPoint[TemplateChange.values().length];
    private final Counter packets;
    private final Counter decodeErrors;
    private final Counter templateMisses;
    private final Counter inside;
    private final Counter refusedDatagrams;
    private final Counter refusedSessions;
    private volatile IntSupplier sessions = () -> 0;
    private final Counter kernelDrops;
    private final Counter evictedExporters;
    private final Gauge receiveBuffer;
    private final Gauge activeAttacks;
    private final Counter attacks;
    private final DistributionDataPoint processLatency;
    private final Gauge trackedHosts;
    private final Counter refusedHosts;
    private final Counter evictedHosts;
    private final Counter refusedSamples;
    private final Counter attackUpdates;
    private final Counter urgentTicks;
    private final Gauge baselines;
    private final Counter refusedBaselines;
    private final Counter refusedAttacks;
    private final DistributionDataPoint tickDuration;
    private final Counter lateWorkers;
    private final Counter listenerErrors;
    private final ExporterMetrics exporters;

    /** Declares all families in {@code registry}; at most once a registry. */
    public FlowMetrics(PrometheusRegistry registry) {
        var flowsByProtocol = Counter.builder()
                .name("kapkan_ingest_flows_total")
                .help("Flow records and packet samples decoded.")
                .labelNames("protocol")
                .withoutExemplars()
                .register(registry);
        packets = Counter.builder()
                .name("kapkan_ingest_packets_total")
                .help("Telemetry datagrams taken from believed exporters.")
                .labelNames("exporter", "protocol")
                .withoutExemplars()
                .register(registry);
        decodeErrors = counter(
                registry,
                "kapkan_ingest_decode_errors_total",
                "Datagrams of which a part or all could not be decoded.");
        var errors = Counter.builder()
                .name("portcullis_ingest_decode_errors_total")
                .help("Parts of datagrams that could not be decoded, by reason.")
                .labelNames("reason")
                .withoutExemplars()
                .register(registry);
        var lostByProtocol = Counter.builder()
                .name("portcullis_ingest_lost_total")
                .help("Records (netflow5, ipfix) or datagrams (netflow9, sflow5) lost, by their sequence numbers.")
                .labelNames("protocol")
                .withoutExemplars()
                .register(registry);
        templateMisses = counter(
                registry,
                "portcullis_ingest_template_misses_total",
                "Data sets that came before their template, used later or not.");
        var changes = Counter.builder()
                .name("portcullis_ingest_template_changes_total")
                .help(
                        "Templates announced with other fields than before, by whether they changed a short time ago too, and withdrawals over UDP, which are ignored.")
                .labelNames("change")
                .withoutExemplars()
                .register(registry);
        inside = counter(
                registry,
                "portcullis_ingest_inside_total",
                "Flow records not counted because they crossed no external interface of their exporter.");
        refusedDatagrams = counter(
                registry,
                "portcullis_ingest_refused_total",
                "Datagrams, and connections, of exporters that are not on the list.");
        refusedSessions = counter(
                registry,
                "portcullis_ingest_sessions_refused_total",
                "IPFIX sessions over TCP refused because there were too many.");
        GaugeWithCallback.builder()
                .name("portcullis_ingest_sessions")
                .help("IPFIX sessions over TCP that are open.")
                .callback(callback -> callback.call(sessions.getAsInt()))
                .register(registry);
        kernelDrops = counter(
                registry,
                "portcullis_ingest_kernel_drops_total",
                "Datagrams the kernel dropped because a receive buffer was full.");
        evictedExporters = counter(
                registry,
                "portcullis_ingest_exporters_evicted_total",
                "Exporters forgotten, templates included, because there were too many.");
        receiveBuffer = Gauge.builder()
                .name("portcullis_ingest_receive_buffer_bytes")
                .help("Receive buffer the kernel granted each socket of a listener.")
                .labelNames("listener")
                .withoutExemplars()
                .register(registry);
        activeAttacks = Gauge.builder()
                .name("kapkan_engine_active_attacks")
                .help("Attacks going on, their hysteresis included.")
                .withoutExemplars()
                .register(registry);
        attacks = counter(registry, "kapkan_engine_attacks_total", "Attacks that started.");
        var latency = Histogram.builder()
                .name("kapkan_engine_process_latency_seconds")
                .help("Time to decode and count one flow record; one datagram in 64 is measured.")
                .classicOnly()
                .classicUpperBounds(
                        1e-6, 4e-6, 1.6e-5, 6.4e-5, 0.000256, 0.001024, 0.004096, 0.016384, 0.065536, 0.262144,
                        1.048576, 4.194304)
                .withoutExemplars()
                .register(registry);
        trackedHosts = Gauge.builder()
                .name("kapkan_engine_tracked_hosts")
                .help(
                        "Protected hosts with traffic in the window; within two per cent where there are many that several workers see.")
                .withoutExemplars()
                .register(registry);
        refusedHosts = counter(
                registry,
                "portcullis_window_refused_hosts_total",
                "Flow records not counted because the table of hosts was full of heavier ones.");
        evictedHosts = counter(
                registry,
                "portcullis_window_evicted_hosts_total",
                "Hosts forgotten to make room for heavier ones in a full table.");
        refusedSamples = counter(
                registry,
                "portcullis_window_refused_samples_total",
                "Flow records of hosts near a threshold that were not sampled because all samples were in use.");
        attackUpdates = counter(
                registry,
                "portcullis_engine_attack_updates_total",
                "Times an attack in progress changed its kind or grew to twice what was last told.");
        urgentTicks = counter(
                registry,
                "portcullis_engine_urgent_ticks_total",
                "Decisions taken ahead of their time because a rate was far above a threshold.");
        baselines = Gauge.builder()
                .name("portcullis_engine_baselines")
                .help("Targets of which it is known what is usual.")
                .withoutExemplars()
                .register(registry);
        refusedBaselines = counter(
                registry,
                "portcullis_engine_refused_baselines_total",
                "Decisions that a target was not learned from because too many are known.");
        refusedAttacks = counter(
                registry,
                "portcullis_engine_refused_attacks_total",
                "Decisions above a threshold not followed because too many hosts were above theirs.");
        var tick = Histogram.builder()
                .name("portcullis_engine_tick_seconds")
                .help("Time of one decision over all hosts.")
                .classicOnly()
                .classicUpperBounds(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)
                .withoutExemplars()
                .register(registry);
        lateWorkers = counter(
                registry,
                "portcullis_engine_late_workers_total",
                "Decisions taken without the counters of a worker that did not answer in time.");
        listenerErrors = counter(
                registry, "portcullis_engine_listener_errors_total", "Attack events that a listener failed on.");
        exporters = new ExporterMetrics(registry);
        for (var protocol : Protocol.values()) {
            flows[protocol.ordinal()] = flowsByProtocol.labelValues(protocol.label());
            lost[protocol.ordinal()] = lostByProtocol.labelValues(protocol.label());
        }
        for (var error : DecodeError.values()) {
            errorsByReason[error.ordinal()] = errors.labelValues(error.label());
        }
        for (var change : TemplateChange.values()) {
            templateChanges[change.ordinal()] = changes.labelValues(change.label());
        }
        processLatency = latency;
        tickDuration = tick;
    }

    /** Counts decoded flow records. */
    public void flows(Protocol protocol, long count) {
        flows[protocol.ordinal()].inc(count);
    }

    /** The datagram counter of one exporter and protocol, to be kept and incremented. */
    public CounterDataPoint packets(String exporter, Protocol protocol) {
        return packets.labelValues(exporter, protocol.label());
    }

    /** Ends the series of an exporter that is forgotten. */
    public void forgetExporter(String exporter) {
        for (var protocol : Protocol.values()) {
            packets.remove(exporter, protocol.label());
        }
    }

    /** Counts datagrams with at least one decode error. */
    public void decodeErrors(long datagrams) {
        decodeErrors.inc(datagrams);
    }

    /** Counts single decode errors. */
    public void decodeErrors(DecodeError reason, long count) {
        errorsByReason[reason.ordinal()].inc(count);
    }

    /** Counts what sequence numbers say was lost. */
    public void lost(Protocol protocol, long count) {
        lost[protocol.ordinal()].inc(count);
    }

    /** Counts data sets that came before their template. */
    public void templateMisses(long count) {
        templateMisses.inc(count);
    }

    /** Counts templates that changed, or were to be withdrawn. */
    public void templateChanges(TemplateChange change, long count) {
        templateChanges[change.ordinal()].inc(count);
    }

    /** Counts records that crossed no external interface. */
    public void inside(long count) {
        inside.inc(count);
    }

    /** Counts a datagram of an exporter that is not believed. */
    public void refusedDatagram() {
        refusedDatagrams.inc();
    }

    /** Counts a TCP session that was refused. */
    public void refusedSession() {
        refusedSessions.inc();
    }

    /** Says where the number of open TCP sessions comes from, at each scrape. */
    public void sessionsFrom(IntSupplier source) {
        sessions = source;
    }

    /** Counts datagrams the kernel dropped. */
    public void kernelDrops(long count) {
        kernelDrops.inc(count);
    }

    /** Counts an exporter forgotten for want of room. */
    public void evictedExporter() {
        evictedExporters.inc();
    }

    /** States the receive buffer of each socket of a listener in bytes. */
    public void receiveBuffer(String listener, long bytes) {
        receiveBuffer.labelValues(listener).set(bytes);
    }

    /** The families of single exporters. */
    public ExporterMetrics exporters() {
        return exporters;
    }

    /** States how many attacks are going on. */
    public void activeAttacks(int count) {
        activeAttacks.set(count);
    }

    /** Counts an attack that started. */
    public void attackStarted() {
        attacks.inc();
    }

    /** Observes the time that one flow record took. */
    public void processLatency(double secondsPerFlow) {
        processLatency.observe(secondsPerFlow);
    }

    /** States how many hosts are tracked. */
    public void trackedHosts(int count) {
        trackedHosts.set(count);
    }

    /** Counts records not counted for want of room. */
    public void refusedHosts(long count) {
        refusedHosts.inc(count);
    }

    /** Counts hosts forgotten for want of room. */
    public void evictedHosts(long count) {
        evictedHosts.inc(count);
    }

    /** Counts attacks that changed. */
    public void attackUpdates(int count) {
        attackUpdates.inc(count);
    }

    /** Counts a decision taken early. */
    public void urgentTick() {
        urgentTicks.inc();
    }

    /** States of how many targets it is known what is usual, and how many were not learned from since the last call. */
    public void baselines(int known, long refused) {
        baselines.set(known);
        refusedBaselines.inc(refused);
    }

    /** Counts records not sampled for want of room. */
    public void refusedSamples(long count) {
        refusedSamples.inc(count);
    }

    /** Counts decisions not followed for want of room. */
    public void refusedAttacks(long count) {
        refusedAttacks.inc(count);
    }

    /** Observes the time of one tick. */
    public void tick(double seconds) {
        tickDuration.observe(seconds);
    }

    /** Counts workers that did not answer a tick in time. */
    public void lateWorkers(int count) {
        lateWorkers.inc(count);
    }

    /** Counts an event that a listener failed on. */
    public void listenerError() {
        listenerErrors.inc();
    }
}
