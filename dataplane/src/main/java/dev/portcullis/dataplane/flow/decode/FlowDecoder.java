package dev.portcullis.dataplane.flow.decode;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the datagrams of one worker. Not thread-safe: each worker has its own; what exporters announced is in
 * {@link Exporter} and shared. Whatever the bytes are, a call ends, throws nothing, and keeps nothing unbounded.
 */
public final class FlowDecoder {
    /** Longest datagram that UDP over IPv4 or IPv6 without jumbograms can carry. */
    public static final int MOST_BYTES = 65_535;

    /** Which port a datagram came in by. */
    public enum Port {
        /** NetFlow v5, v9 and IPFIX. */
        NETFLOW,
        /** sFlow v5. */
        SFLOW
    }

    private final Datagram datagram;
    private final DecodeCounts counts;

    /** A decoder whose records go to {@code sink}. */
    public FlowDecoder(FlowSink sink) {
        counts = new DecodeCounts();
        datagram = new Datagram(
                new byte[MOST_BYTES + Layout.MARGIN],
                sink,
                counts,
                new Exporter(InetAddress.getLoopbackAddress(), new ExporterBudget(0, 0, 0, 0)));
    }

    /** Where to put the bytes of the next datagram, from index 0 on. */
    public byte[] buffer() {
        return datagram.data;
    }

    /** What happened so far. */
    public DecodeCounts counts() {
        return counts;
    }

    /** Puts {@code rules} in force for the datagrams that follow. */
    public void rules(DecodeRules rules) {
        datagram.rules(rules);
    }

    /**
     * Decodes the first {@code length} bytes of {@link #buffer()}.
     *
     * @param nowMillis monotonic milliseconds at which the datagram arrived
     * @return the protocol, or null when it is none that belongs on this port
     */
    public @Nullable Protocol decode(Port port, int length, Exporter exporter, long nowMillis) {
        return decode(port, length, exporter, 0, nowMillis);
    }

    /**
     * Decodes one message of a TCP session, whose templates are its own (RFC 7011 section 8.1).
     *
     * @param session its number, unlike that of any other of this exporter; 0 for UDP
     */
    public @Nullable Protocol decode(Port port, int length, Exporter exporter, int session, long nowMillis) {
        datagram.begin(length, exporter, session, nowMillis);
        var errorsBefore = counts.errorTotal();
        var protocol = dispatch(port);
        datagram.deliver();
        var errors = counts.errorTotal() - errorsBefore;
        if (errors > 0) {
            counts.brokenDatagram();
        }
        if (protocol != null) {
            exporter.saw(protocol, nowMillis, datagram.flows, errors, datagram.rate);
        }
        return protocol;
    }

    /** Drops data of {@code exporter} that has waited for its template for too long. */
    public void expire(Exporter exporter, long nowMillis) {
        for (var left = exporter.expire(nowMillis - TemplatedFlows.WAIT_MILLIS); left > 0; left--) {
            counts.error(DecodeError.TEMPLATE_MISSING);
        }
    }

    private @Nullable Protocol dispatch(Port port) {
        var data = datagram.data;
        if (port == Port.SFLOW) {
            if (datagram.length < 4) {
                datagram.error(DecodeError.TRUNCATED);
                return null;
            }
            if (BigEndian.u32(data, 0) != 5) {
                datagram.error(DecodeError.VERSION);
                return null;
            }
            SFlow5.decode(datagram);
            return Protocol.SFLOW5;
        }
        if (datagram.length < 2) {
            datagram.error(DecodeError.TRUNCATED);
            return null;
        }
        switch (BigEndian.u16(data, 0)) {
            case 5:
                NetFlow5.decode(datagram);
                return Protocol.NETFLOW5;
            case 9:
                TemplatedFlows.decodeNetFlow9(datagram);
                return Protocol.NETFLOW9;
            case 10:
                TemplatedFlows.decodeIpfix(datagram);
                return Protocol.IPFIX;
            default:
                datagram.error(DecodeError.VERSION);
                return null;
        }
    }
}
