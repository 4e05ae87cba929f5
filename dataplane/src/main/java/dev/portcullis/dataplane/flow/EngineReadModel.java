package dev.portcullis.dataplane.flow;

import dev.portcullis.dataplane.flow.api.FlowReadModel;
import dev.portcullis.dataplane.flow.decode.Protocol;
import dev.portcullis.dataplane.flow.detect.Attack;
import java.util.List;

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
    public Hosts hosts(HostOrder order, int offset, int limit) {
        var sort =
                switch (order) {
                    case PPS -> HostPage.Sort.PACKETS;
                    case MBPS -> HostPage.Sort.BITS;
                    case FLOWS_PER_SEC -> HostPage.Sort.FLOWS;
                };
        var page = engine.hosts(offset, limit, sort);
        return new Hosts(
                page.hosts().stream()
                        .map(host -> new HostState(host.target(), host.group(), host.incoming(), host.outgoing()))
                        .toList(),
                page.total(),
                page.listed());
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
                        exporter.samplingRate(),
                        exporter.lastSeen()))
                .toList();
    }
}
