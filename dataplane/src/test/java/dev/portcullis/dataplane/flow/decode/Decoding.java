package dev.portcullis.dataplane.flow.decode;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A decoder with what came out of it. */
final class Decoding implements FlowSink, DecodeCounts.Reader {
    /** A flow record as it was when the sink got it. */
    record Flow(
            InetAddress source,
            InetAddress destination,
            int sourcePort,
            int destinationPort,
            int ipProtocol,
            int tcpFlags,
            boolean fragment,
            long packets,
            long bytes,
            double samplingRate,
            long inputInterface,
            long outputInterface,
            long durationMillis,
            long arrivalMillis,
            boolean incomingCounts,
            boolean outgoingCounts,
            Protocol protocol) {}

    final FlowDecoder decoder = new FlowDecoder(this);
    final ExporterBudget budget = new ExporterBudget(65_536, 1 << 20, 65_536, 1 << 20);
    final Exporter exporter = new Exporter(InetAddress.ofLiteral("192.0.2.1"), budget);
    final List<Flow> flows = new ArrayList<>();
    final Map<DecodeError, Long> errors = new EnumMap<>(DecodeError.class);
    final Map<Protocol, Long> lost = new EnumMap<>(Protocol.class);
    long brokenDatagrams;
    long templateMisses;
    final Map<TemplateChange, Long> templateChanges = new EnumMap<>(TemplateChange.class);
    long inside;
    long nowMillis = 10_000_000;
    boolean keep = true;
    long count;

    /** Decodes a message of domain 1 with these sets. */
    void send(boolean ipfix, long sequence, byte[]... sets) {
        netflow(ipfix ? Datagrams.ipfix(sequence, 1, sets) : Datagrams.netFlow9(sequence, 1, sets));
    }

    @Nullable
    Protocol netflow(byte[] datagram) {
        return decode(FlowDecoder.Port.NETFLOW, exporter, 0, datagram, datagram.length);
    }

    @Nullable
    Protocol sflow(byte[] datagram) {
        return decode(FlowDecoder.Port.SFLOW, exporter, 0, datagram, datagram.length);
    }

    @Nullable
    Protocol decode(FlowDecoder.Port port, Exporter from, int session, byte[] datagram, int length) {
        System.arraycopy(datagram, 0, decoder.buffer(), 0, length);
        var protocol = decoder.decode(port, length, from, session, nowMillis);
        decoder.counts().drainTo(this);
        return protocol;
    }

    void expire() {
        decoder.expire(exporter, nowMillis);
        decoder.counts().drainTo(this);
    }

    long errors() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void accept(FlowRecord[] records, int more) {
        for (var i = 0; i < more; i++) {
            take(records[i]);
        }
    }

    private void take(FlowRecord flow) {
        count++;
        if (!keep) {
            return;
        }
        flows.add(new Flow(
                IpBits.address(flow.sourceHigh, flow.sourceLow),
                IpBits.address(flow.destinationHigh, flow.destinationLow),
                flow.sourcePort,
                flow.destinationPort,
                flow.ipProtocol,
                flow.tcpFlags,
                flow.fragment,
                flow.packets,
                flow.bytes,
                flow.samplingRate,
                flow.inputInterface,
                flow.outputInterface,
                flow.durationMillis,
                flow.arrivalMillis,
                flow.incomingCounts,
                flow.outgoingCounts,
                flow.protocol));
    }

    @Override
    public void errors(DecodeError error, long more) {
        errors.merge(error, more, Long::sum);
    }

    @Override
    public void flows(Protocol protocol, long more) {}

    @Override
    public void lost(Protocol protocol, long more) {
        lost.merge(protocol, more, Long::sum);
    }

    @Override
    public void brokenDatagrams(long more) {
        brokenDatagrams += more;
    }

    @Override
    public void templateMisses(long more) {
        templateMisses += more;
    }

    @Override
    public void templateChanges(TemplateChange change, long more) {
        templateChanges.merge(change, more, Long::sum);
    }

    @Override
    public void inside(long more) {
        inside += more;
    }
}
