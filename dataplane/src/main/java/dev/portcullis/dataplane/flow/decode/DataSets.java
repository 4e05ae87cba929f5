package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Template.MISSING;

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
    private static final int PACKET_SECTION = Field.PACKET_SECTION.ordinal();

    private DataSets() {}

    /**
     * Reads the records of a set, {@code at} to {@code end}. What is left at the end and shorter than a record is
     * padding (RFC 3954 section 5.3, RFC 7011 section 3.3.1).
     *
     * @param uptime of the exporter when it sent the datagram, milliseconds
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
            int uptime,
            long arrivalMillis) {
        var flow = datagram.flow;
        flow.protocol = protocol;
        flow.arrivalMillis = arrivalMillis;
        var records = 0;
        var fixed = template.fixed();
        var offsets = fixed ? template.offsets() : datagram.offsets;
        var lengths = fixed ? template.fieldLengths() : datagram.lengths;
        var length = template.minimum();
        while (end - at >= template.minimum()) {
            if (++datagram.records > Datagram.MOST_RECORDS) {
                datagram.error(DecodeError.COUNT);
                return records;
            }
            if (!fixed) {
                length = template.walk(data, at, end, offsets, lengths);
                if (length < 0) {
                    datagram.error(DecodeError.LENGTH);
                    return records;
                }
            }
            records++;
            if (template.options()) {
                Sampling.learn(datagram, domain, data, at, offsets, lengths);
            } else if (readFlow(datagram, domain, data, at, offsets, lengths, uptime)) {
                datagram.emit();
                datagram.counts.flow(protocol);
            }
            at += length;
        }
        return records;
    }

    /** Fills the flow record; false when the record says of no destination address. */
    private static boolean readFlow(
            Datagram datagram,
            ObservationDomain domain,
            byte[] data,
            int at,
            int[] offsets,
            int[] lengths,
            int uptime) {
        var flow = datagram.flow;
        if (offsets[DESTINATION_V4] != MISSING) {
            flow.destinationHigh = 0;
            flow.destinationLow = IpBits.v4(BigEndian.i32(data, at + offsets[DESTINATION_V4]));
            flow.sourceHigh = 0;
            flow.sourceLow = offsets[SOURCE_V4] == MISSING
                    ? IpBits.v4(0)
                    : IpBits.v4(BigEndian.i32(data, at + offsets[SOURCE_V4]));
            // Templates for both families leave the one that does not apply at zero.
            if ((int) flow.destinationLow == 0 && offsets[DESTINATION_V6] != MISSING) {
                addressesV6(flow, data, at, offsets);
            }
        } else if (offsets[DESTINATION_V6] != MISSING) {
            addressesV6(flow, data, at, offsets);
        } else if (offsets[FRAME_SECTION] != MISSING) {
            return readHeader(
                    datagram, domain, data, at, offsets, lengths, PacketHeader.ETHERNET, FRAME_SECTION, FRAME_SIZE);
        } else if (offsets[PACKET_SECTION] != MISSING) {
            return readHeader(
                    datagram, domain, data, at, offsets, lengths, PacketHeader.IP, PACKET_SECTION, PACKET_SIZE);
        } else {
            return false;
        }
        flow.bytes = either(data, at, offsets, lengths, OCTETS, OUT_OCTETS, TOTAL_OCTETS);
        flow.packets = either(data, at, offsets, lengths, PACKETS, OUT_PACKETS, TOTAL_PACKETS);
        flow.ipProtocol = (int) number(data, at, offsets, lengths, PROTOCOL) & 0xFF;
        flow.tcpFlags = (int) number(data, at, offsets, lengths, TCP_FLAGS) & 0xFF;
        flow.sourcePort = (int) number(data, at, offsets, lengths, SOURCE_PORT) & 0xFFFF;
        flow.destinationPort = (int) number(data, at, offsets, lengths, DESTINATION_PORT) & 0xFFFF;
        flow.inputInterface = number(data, at, offsets, lengths, INPUT_INTERFACE);
        flow.outputInterface = number(data, at, offsets, lengths, OUTPUT_INTERFACE);
        flow.fragment = offsets[FRAGMENT_OFFSET] != MISSING
                        && (number(data, at, offsets, lengths, FRAGMENT_OFFSET) & 0x1FFF) != 0
                || offsets[FRAGMENT_FLAGS] != MISSING && moreFragments(data, at, offsets, lengths);
        flow.durationMillis = FlowTimes.duration(data, at, offsets, lengths, uptime);
        flow.samplingRate = datagram.samplingRate(rate(domain, data, at, offsets, lengths));
        return true;
    }

    private static void addressesV6(FlowRecord flow, byte[] data, int at, int[] offsets) {
        var destination = at + offsets[DESTINATION_V6];
        flow.destinationHigh = BigEndian.i64(data, destination);
        flow.destinationLow = BigEndian.i64(data, destination + 8);
        if (offsets[SOURCE_V6] == MISSING) {
            flow.sourceHigh = 0;
            flow.sourceLow = 0;
        } else {
            var source = at + offsets[SOURCE_V6];
            flow.sourceHigh = BigEndian.i64(data, source);
            flow.sourceLow = BigEndian.i64(data, source + 8);
        }
    }

    /** A sampled packet: its frame (RFC 7133 dataLinkFrameSection) or from its IP header on (RFC 5477 ipHeaderPacketSection). */
    private static boolean readHeader(
            Datagram datagram,
            ObservationDomain domain,
            byte[] data,
            int at,
            int[] offsets,
            int[] lengths,
            int linkLayer,
            int section,
            int sizeField) {
        var flow = datagram.flow;
        var length = lengths[section];
        var size = (int) Math.min(number(data, at, offsets, lengths, sizeField), 65_535 + 64);
        flow.clear();
        if (!PacketHeader.read(
                        flow,
                        linkLayer,
                        data,
                        at + offsets[section],
                        length,
                        Math.max(size, length),
                        datagram.innerTunnel)
                || flow.packets == 0) {
            return false;
        }
        flow.inputInterface = number(data, at, offsets, lengths, INPUT_INTERFACE);
        flow.outputInterface = number(data, at, offsets, lengths, OUTPUT_INTERFACE);
        flow.samplingRate = datagram.samplingRate(rate(domain, data, at, offsets, lengths));
        return true;
    }

    /** What the record itself says, then its sampler, then its domain. */
    private static double rate(ObservationDomain domain, byte[] data, int at, int[] offsets, int[] lengths) {
        if (offsets[SAMPLING_INTERVAL] != MISSING) {
            var stated = number(data, at, offsets, lengths, SAMPLING_INTERVAL);
            if (stated > 0) {
                return stated;
            }
        }
        if (offsets[SAMPLER_ID] != MISSING) {
            return domain.rate(number(data, at, offsets, lengths, SAMPLER_ID));
        }
        if (offsets[SELECTOR_ID] != MISSING) {
            return domain.rate(number(data, at, offsets, lengths, SELECTOR_ID));
        }
        return domain.rate();
    }

    /** IE 197 has the bits of the IPv4 header in its highest byte: reserved, don't fragment, more fragments. */
    private static boolean moreFragments(byte[] data, int at, int[] offsets, int[] lengths) {
        var value = number(data, at, offsets, lengths, FRAGMENT_FLAGS);
        return (value >>> 8 * (lengths[FRAGMENT_FLAGS] - 1) & 0x20) != 0;
    }

    private static long either(byte[] data, int at, int[] offsets, int[] lengths, int first, int second, int third) {
        if (offsets[first] != MISSING) {
            return BigEndian.unsigned(data, at + offsets[first], lengths[first]);
        }
        if (offsets[second] != MISSING) {
            return BigEndian.unsigned(data, at + offsets[second], lengths[second]);
        }
        return number(data, at, offsets, lengths, third);
    }

    static long number(byte[] data, int at, int[] offsets, int[] lengths, int field) {
        return offsets[field] == MISSING ? 0 : BigEndian.unsigned(data, at + offsets[field], lengths[field]);
    }
}
