package dev.portcullis.dataplane.flow.decode;

/** Data sets: records that a template describes, of flows or of the exporter itself. */
final class DataSets {
    private static final int OCTETS = Field.OCTETS.ordinal();
    private static final int PACKETS = Field.PACKETS.ordinal();
    private static final int OUT_OCTETS = Field.OUT_OCTETS.ordinal();
    private static final int OUT_PACKETS = Field.OUT_PACKETS.ordinal();
    private static final int TOTAL_OCTETS = Field.TOTAL_OCTETS.ordinal();
    private static final int TOTAL_PACKETS = Field.TOTAL_PACKETS.ordinal();
    private static final int PROTOCOL = Field.PROTOCOL.ordinal();
    private static final int TCP_FLAGS = Field.TCP_FLAGS.ordinal();
    private static final int SOURCE_PORT = Field.SOURCE_PORT.ordinal();
    private static final int DESTINATION_PORT = Field.DESTINATION_PORT.ordinal();
    private static final int SOURCE_V4 = Field.SOURCE_V4.ordinal();
    private static final int DESTINATION_V4 = Field.DESTINATION_V4.ordinal();
    private static final int SOURCE_V6 = Field.SOURCE_V6.ordinal();
    private static final int DESTINATION_V6 = Field.DESTINATION_V6.ordinal();
    private static final int INPUT_INTERFACE = Field.INPUT_INTERFACE.ordinal();
    private static final int OUTPUT_INTERFACE = Field.OUTPUT_INTERFACE.ordinal();
    private static final int FRAGMENT_OFFSET = Field.FRAGMENT_OFFSET.ordinal();
    private static final int FRAGMENT_FLAGS = Field.FRAGMENT_FLAGS.ordinal();
    private static final int SAMPLING_INTERVAL = Field.SAMPLING_INTERVAL.ordinal();
    private static final int SAMPLER_ID = Field.SAMPLER_ID.ordinal();
    private static final int SELECTOR_ID = Field.SELECTOR_ID.ordinal();
    private static final int FRAME_SIZE = Field.FRAME_SIZE.ordinal();
    private static final int FRAME_SECTION = Field.FRAME_SECTION.ordinal();
    private static final int PACKET_SIZE = Field.PACKET_SIZE.ordinal();
    private static final int REVERSE_OCTETS = Field.REVERSE_OCTETS.ordinal();
    private static final int REVERSE_PACKETS = Field.REVERSE_PACKETS.ordinal();
    private static final int REVERSE_TCP_FLAGS = Field.REVERSE_TCP_FLAGS.ordinal();
    private static final int PACKET_SECTION = Field.PACKET_SECTION.ordinal();

    private DataSets() {}

    /**
     * Reads the records of a set, {@code at} to {@code end}. What is left at the end and shorter than a record is
     * padding (RFC 3954 section 5.3, RFC 7011 section 3.3.1).
     *
     * @param uptime of the exporter when it sent the datagram, milliseconds, or {@link Uptime#UNKNOWN}
     * @return how many records there were
     */
    static int read(
            Datagram datagram,
            ObservationDomain domain,
            Protocol protocol,
            Template template,
            byte[] data,
            int at,
            int end,
            long uptime,
            long arrivalMillis) {
        var records = 0;
        var fixed = template.fixed();
        var layout = fixed ? template.layout() : datagram.layout;
        var length = template.minimum();
        while (end - at >= template.minimum()) {
            if (++datagram.records > Datagram.MOST_RECORDS) {
                datagram.error(DecodeError.COUNT);
                return records;
            }
            if (!fixed) {
                length = template.walk(data, at, end, layout);
                if (length < 0) {
                    datagram.error(DecodeError.LENGTH);
                    return records;
                }
            }
            records++;
            if (template.options()) {
                Sampling.learn(datagram, domain, data, at, layout);
            } else {
                var flow = datagram.next(protocol, arrivalMillis);
                if (readFlow(datagram, flow, domain, data, at, layout, uptime)) {
                    datagram.emit(flow);
                    datagram.counts.flow(protocol);
                    if (layout.twoDirections()) {
                        emitReverse(datagram, flow, data, at, layout);
                    }
                }
            }
            at += length;
        }
        return records;
    }

    /** Fills the flow record; false when the record says of no destination address. */
    private static boolean readFlow(
            Datagram datagram,
            FlowRecord flow,
            ObservationDomain domain,
            byte[] data,
            int at,
            Layout layout,
            long uptime) {
        if (layout.has(DESTINATION_V4)) {
            flow.destinationHigh = 0;
            flow.destinationLow = IpBits.v4(BigEndian.i32(data, at + layout.offset(DESTINATION_V4)));
            flow.sourceHigh = 0;
            flow.sourceLow = !layout.has(SOURCE_V4)
                    ? IpBits.v4(0)
                    : IpBits.v4(BigEndian.i32(data, at + layout.offset(SOURCE_V4)));
            // Templates for both families leave the one that does not apply at zero.
            if ((int) flow.destinationLow == 0 && layout.has(DESTINATION_V6)) {
                addressesV6(flow, data, at, layout);
            }
        } else if (layout.has(DESTINATION_V6)) {
            addressesV6(flow, data, at, layout);
        } else if (layout.has(FRAME_SECTION)) {
            return readHeader(
                    datagram, flow, domain, data, at, layout, PacketHeader.ETHERNET, FRAME_SECTION, FRAME_SIZE);
        } else if (layout.has(PACKET_SECTION)) {
            return readHeader(datagram, flow, domain, data, at, layout, PacketHeader.IP, PACKET_SECTION, PACKET_SIZE);
        } else {
            return false;
        }
        flow.bytes = either(data, at, layout, OCTETS, OUT_OCTETS, TOTAL_OCTETS);
        flow.packets = either(data, at, layout, PACKETS, OUT_PACKETS, TOTAL_PACKETS);
        flow.ipProtocol = (int) layout.number(data, at, PROTOCOL) & 0xFF;
        flow.tcpFlags = (int) layout.number(data, at, TCP_FLAGS) & 0xFF;
        flow.sourcePort = (int) layout.number(data, at, SOURCE_PORT) & 0xFFFF;
        flow.destinationPort = (int) layout.number(data, at, DESTINATION_PORT) & 0xFFFF;
        flow.inputInterface = layout.number(data, at, INPUT_INTERFACE);
        flow.outputInterface = layout.number(data, at, OUTPUT_INTERFACE);
        flow.fragment = layout.has(FRAGMENT_OFFSET) && (layout.number(data, at, FRAGMENT_OFFSET) & 0x1FFF) != 0
                || layout.has(FRAGMENT_FLAGS) && moreFragments(data, at, layout);
        flow.durationMillis = FlowTimes.duration(data, at, layout, uptime);
        flow.samplingRate = datagram.samplingRate(rate(domain, flow, data, at, layout));
        return true;
    }

    /** What went the other way, where anything did (RFC 5103): a flow of its own to whoever counts. */
    private static void emitReverse(Datagram datagram, FlowRecord flow, byte[] data, int at, Layout layout) {
        var packets = layout.number(data, at, REVERSE_PACKETS);
        var bytes = layout.number(data, at, REVERSE_OCTETS);
        if (packets == 0 && bytes == 0) {
            return;
        }
        var reverse = datagram.next(flow.protocol, flow.arrivalMillis);
        reverse.reverse(flow);
        reverse.packets = packets;
        reverse.bytes = bytes;
        reverse.tcpFlags = (int) layout.number(data, at, REVERSE_TCP_FLAGS) & 0xFF;
        datagram.emit(reverse);
        datagram.counts.flow(flow.protocol);
    }

    private static void addressesV6(FlowRecord flow, byte[] data, int at, Layout layout) {
        var destination = at + layout.offset(DESTINATION_V6);
        flow.destinationHigh = BigEndian.i64(data, destination);
        flow.destinationLow = BigEndian.i64(data, destination + 8);
        if (!layout.has(SOURCE_V6)) {
            flow.sourceHigh = 0;
            flow.sourceLow = 0;
        } else {
            var source = at + layout.offset(SOURCE_V6);
            flow.sourceHigh = BigEndian.i64(data, source);
            flow.sourceLow = BigEndian.i64(data, source + 8);
        }
    }

    /** A sampled packet: its frame (RFC 7133 dataLinkFrameSection) or from its IP header on (RFC 5477 ipHeaderPacketSection). */
    private static boolean readHeader(
            Datagram datagram,
            FlowRecord flow,
            ObservationDomain domain,
            byte[] data,
            int at,
            Layout layout,
            int linkLayer,
            int section,
            int sizeField) {
        var length = layout.length(section);
        var size = (int) Math.min(layout.number(data, at, sizeField), 65_535 + 64);
        flow.clear();
        if (!PacketHeader.read(
                flow,
                linkLayer,
                data,
                at + layout.offset(section),
                length,
                Math.max(size, length),
                datagram.innerTunnel)) {
            datagram.error(DecodeError.PACKET);
            return false;
        }
        if (flow.packets == 0) {
            return false;
        }
        flow.inputInterface = layout.number(data, at, INPUT_INTERFACE);
        flow.outputInterface = layout.number(data, at, OUTPUT_INTERFACE);
        flow.samplingRate = datagram.samplingRate(rate(domain, flow, data, at, layout));
        return true;
    }

    /** What the record itself says, then its sampler, then its interface, then its domain. */
    private static double rate(ObservationDomain domain, FlowRecord flow, byte[] data, int at, Layout layout) {
        if (layout.namesSampling()) {
            var stated = layout.number(data, at, SAMPLING_INTERVAL);
            if (Sampling.plausible(stated)) {
                return stated;
            }
            var sampler = layout.has(SAMPLER_ID) ? SAMPLER_ID : SELECTOR_ID;
            var rate = layout.has(sampler) ? domain.samplerRate(layout.number(data, at, sampler)) : 0;
            if (rate > 0) {
                return rate;
            }
        }
        return domain.rate(flow.inputInterface, flow.outputInterface);
    }

    /** IE 197 has the bits of the IPv4 header in its highest byte: reserved, don't fragment, more fragments. */
    private static boolean moreFragments(byte[] data, int at, Layout layout) {
        var value = layout.number(data, at, FRAGMENT_FLAGS);
        return (value >>> 8 * (layout.length(FRAGMENT_FLAGS) - 1) & 0x20) != 0;
    }

    private static long either(byte[] data, int at, Layout layout, int first, int second, int third) {
        return layout.number(data, at, layout.has(first) ? first : layout.has(second) ? second : third);
    }
}
