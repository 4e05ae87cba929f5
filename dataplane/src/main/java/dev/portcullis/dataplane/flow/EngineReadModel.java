package dev.portcullis.dataplane.flow;

import dev.portcullis.dataplane.flow.api.FlowReadModel;
import dev.portcullis.dataplane.flow.decode.Protocol;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.Rates;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the API sees of a {@link FlowEngine}. */
record EngineReadModel(FlowEngine engine) implements FlowReadModel {
    @Override
    public List<Attack> activeAttacks() {
        return engine.activeAttacks();
    }

    @Override
    public List<Attack> recentAttacks() {
        return engine.recentAttacks();
    }

    @Override
    public Hosts hosts(HostOrder order, @Nullable String group, int offset, int limit) {
        var sort =
                switch (order) {
                    case PPS -> HostPage.Sort.PACKETS;
                    case MBPS -> HostPage.Sort.BITS;
                    case FLOWS_PER_SEC -> HostPage.Sort.FLOWS;
                };
        var page = engine.hosts(group, offset, limit, sort);
        return new Hosts(
                page.hosts().stream()
                        .map(host -> new HostState(host.target(), host.group(), host.incoming(), host.outgoing()))
                        .toList(),
                page.total(),
                page.listed());
    }

    @Override
    public List<Moment> traffic(InetAddress host, Instant from, Instant to) {
        return engine.traffic(host, from, to).stream()
                .map(point -> new Moment(
                        point.at(),
                        point.packets(),
                        point.bits(),
                        point.flows(),
                        point.inAttack(),
                        point.normalPackets()))
                .toList();
    }

    @Override
    public Map<String, Rates> groupRates() {
        return engine.groupRates();
    }

    @Override
    public List<ExporterState> exporters() {
        return engine.exporters().stream()
                .map(exporter -> new ExporterState(
                        exporter.address(),
                        exporter.protocols().stream().map(Protocol::label).toList(),
                        exporter.datagrams(),
                        exporter.flows(),
                        exporter.errors(),
                        exporter.lost(),
                        exporter.templates(),
                        exporter.contestedTemplates(),
                        exporter.samplingRate(),
                        exporter.lastSeen()))
                .toList();
    }
}
