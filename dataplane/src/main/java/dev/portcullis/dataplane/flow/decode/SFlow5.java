package dev.portcullis.dataplane.flow.decode;

import org.jspecify.annotations.Nullable;

/**
 * sFlow version 5 (sflow.org, sFlow Version 5, 2004). Flow samples, plain and expanded, give one record each: the packet
 * in their raw header, else the one in their IPv4 or IPv6 record. Counter samples of interfaces are what sampling is checked
 * with ({@link SamplingCheck}); anything not known is skipped by its length.
 */
final class SFlow5 {
    private static final int MOST_SAMPLES = 1000;
    private static final int MOST_RECORDS = 1000;
    private static final int FLOW_SAMPLE = 1;
    private static final int EXPANDED_FLOW_SAMPLE = 3;
    private static final int COUNTERS_SAMPLE = 2;
    private static final int EXPANDED_COUNTERS_SAMPLE = 4;
    private static final int INTERFACE_COUNTERS = 1;

    /** Length of generic interface counters. */
    static final int INTERFACE_COUNTERS_BYTES = 88;

    private static final int RAW_HEADER = 1;
    private static final int IPV4 = 3;
    private static final int IPV6 = 4;
    private static final int IF_INDEX = 0x3FFF_FFFF;

    private SFlow5() {}

    static void decode(Datagram datagram) {
        var data = datagram.data;
        var end = datagram.length;
        if (end < 8) {
            datagram.error(DecodeError.TRUNCATED);
            return;
        }
        var v6 = BigEndian.u32(data, 4) == 2;
        var at = 8 + (v6 ? 16 : 4);
        if (!v6 && BigEndian.u32(data, 4) != 1 || end - at < 16) {
            datagram.error(DecodeError.TRUNCATED);
            return;
        }
        var agent = v6 ? BigEndian.i64(data, 8) * 31 ^ BigEndian.i64(data, 16) : BigEndian.u32(data, 8) << 32;
        var domain = datagram.follow(Protocol.SFLOW5, agent ^ BigEndian.u32(data, at), BigEndian.u32(data, at + 4), 1);
        var samples = BigEndian.u32(data, at + 12);
        if (samples > MOST_SAMPLES) {
            datagram.error(DecodeError.COUNT);
            return;
        }
        at += 16;
        var check = domain == null ? null : domain.samplingCheck();
        if (check == null) {
            samples(datagram, at, (int) samples, domain, null);
            return;
        }
        // Once a datagram: it is asked at every sample, and the agent's next datagram may be with another worker.
        synchronized (check) {
            samples(datagram, at, (int) samples, domain, check);
        }
    }

    private static void samples(
            Datagram datagram,
            int start,
            int samples,
            @Nullable ObservationDomain domain,
            @Nullable SamplingCheck check) {
        var data = datagram.data;
        var end = datagram.length;
        var at = start;
        for (var i = 0; i < samples; i++) {
            if (end - at < 8) {
                datagram.error(DecodeError.LENGTH);
                return;
            }
            var format = BigEndian.i32(data, at);
            var length = BigEndian.u32(data, at + 4);
            at += 8;
            if (length > end - at) {
                datagram.error(DecodeError.LENGTH);
                return;
            }
            var next = at + (int) length;
            if (format == FLOW_SAMPLE) {
                flowSample(datagram, at, next, false, check);
            } else if (format == EXPANDED_FLOW_SAMPLE) {
                flowSample(datagram, at, next, true, check);
            } else if (format == COUNTERS_SAMPLE || format == EXPANDED_COUNTERS_SAMPLE) {
                counters(datagram, at + (format == COUNTERS_SAMPLE ? 8 : 12), next, domain);
            }
            at = next;
        }
    }

    /** The generic counters of interfaces, from the number of a counter sample's records on; others are skipped. */
    private static void counters(Datagram datagram, int start, int end, @Nullable ObservationDomain domain) {
        if (end - start < 4) {
            datagram.error(DecodeError.LENGTH);
            return;
        }
        var data = datagram.data;
        var at = start + 4;
        for (var left = BigEndian.u32(data, start); left > 0; left--) {
            if (end - at < 8 || BigEndian.u32(data, at + 4) > end - at - 8) {
                datagram.error(DecodeError.LENGTH);
                return;
            }
            var length = BigEndian.i32(data, at + 4);
            if (BigEndian.i32(data, at) == INTERFACE_COUNTERS && length >= INTERFACE_COUNTERS_BYTES) {
                var check = domain == null ? null : domain.checkSampling();
                if (check != null) {
                    check.counted(data, at + 8, datagram.nowMillis);
                }
            }
            at += 8 + length;
        }
    }

    private static void flowSample(
            Datagram datagram, int start, int end, boolean expanded, @Nullable SamplingCheck check) {
        var data = datagram.data;
        var header = expanded ? 44 : 32;
        if (end - start < header) {
            datagram.error(DecodeError.LENGTH);
            return;
        }
        var at = start + (expanded ? 12 : 8);
        var rate = BigEndian.u32(data, at);
        var interfaces = at + 12;
        long input;
        long output;
        // Of each a format says what the number is: only 0 is an ifIndex. A plain sample has it in the two highest
        // bits.
        if (expanded) {
            input = BigEndian.i32(data, interfaces) == 0 ? BigEndian.u32(data, interfaces + 4) : 0;
            output = BigEndian.i32(data, interfaces + 8) == 0 ? BigEndian.u32(data, interfaces + 12) : 0;
        } else {
            input = ifIndex(BigEndian.i32(data, interfaces));
            output = ifIndex(BigEndian.i32(data, interfaces + 4));
        }
        var records = BigEndian.u32(data, start + header - 4);
        if (records > MOST_RECORDS) {
            datagram.error(DecodeError.COUNT);
            return;
        }
        if (++datagram.records > Datagram.MOST_RECORDS) {
            datagram.error(DecodeError.COUNT);
            return;
        }
        if (check != null && (expanded ? BigEndian.i32(data, start + 4) == 0 : data[start + 4] == 0)) {
            // Type 0 of a source is an interface, of which the lower three bytes are the number.
            var source = expanded ? BigEndian.i32(data, start + 8) : BigEndian.i32(data, start + 4);
            check.sampled(source, source == input, datagram.samplingRateOnce(rate));
        }
        var flow = datagram.next(Protocol.SFLOW5, datagram.nowMillis);
        flow.clear();
        if (packet(datagram, flow, start + header, end, (int) records)) {
            flow.samplingRate = datagram.samplingRate(rate);
            flow.inputInterface = input;
            flow.outputInterface = output;
            datagram.emit(flow);
            datagram.counts.flow(Protocol.SFLOW5);
        }
    }

    private static long ifIndex(int value) {
        return value >>> 30 == 0 ? value & IF_INDEX : 0;
    }

    /** Reads the sampled packet out of a sample's records; the raw header wins over what the agent made of it. */
    private static boolean packet(Datagram datagram, FlowRecord flow, int start, int end, int records) {
        var data = datagram.data;
        var found = false;
        var at = start;
        for (var i = 0; i < records; i++) {
            if (end - at < 8) {
                datagram.error(DecodeError.LENGTH);
                return found;
            }
            var format = BigEndian.i32(data, at);
            var length = BigEndian.u32(data, at + 4);
            at += 8;
            if (length > end - at) {
                datagram.error(DecodeError.LENGTH);
                return found;
            }
            var bytes = (int) length;
            if (format == RAW_HEADER) {
                if (rawHeader(datagram, flow, at, bytes)) {
                    return true;
                }
            } else if (format == IPV4 && !found) {
                found = ipv4(flow, data, at, bytes);
            } else if (format == IPV6 && !found) {
                found = ipv6(flow, data, at, bytes);
            }
            at += bytes;
        }
        return found;
    }

    private static boolean rawHeader(Datagram datagram, FlowRecord flow, int at, int length) {
        var data = datagram.data;
        if (length < 16) {
            datagram.error(DecodeError.LENGTH);
            return false;
        }
        var captured = BigEndian.u32(data, at + 12);
        if (captured > length - 16) {
            datagram.error(DecodeError.LENGTH);
            return false;
        }
        var frame = (int) Math.min(BigEndian.u32(data, at + 4), 65_535 + 64);
        var protocol = BigEndian.i32(data, at);
        if (!PacketHeader.knows(protocol)) {
            return false;
        }
        if (!PacketHeader.read(flow, protocol, data, at + 16, (int) captured, frame, datagram.innerTunnel)) {
            datagram.error(DecodeError.PACKET);
            return false;
        }
        return flow.packets > 0;
    }

    private static boolean ipv4(FlowRecord flow, byte[] data, int at, int length) {
        if (length < 32) {
            return false;
        }
        flow.packets = 1;
        flow.bytes = BigEndian.u32(data, at);
        flow.ipProtocol = BigEndian.i32(data, at + 4) & 0xFF;
        flow.sourceLow = IpBits.v4(BigEndian.i32(data, at + 8));
        flow.destinationLow = IpBits.v4(BigEndian.i32(data, at + 12));
        ports(flow, data, at + 16);
        return true;
    }

    private static boolean ipv6(FlowRecord flow, byte[] data, int at, int length) {
        if (length < 56) {
            return false;
        }
        flow.packets = 1;
        flow.bytes = BigEndian.u32(data, at);
        flow.ipProtocol = BigEndian.i32(data, at + 4) & 0xFF;
        flow.sourceHigh = BigEndian.i64(data, at + 8);
        flow.sourceLow = BigEndian.i64(data, at + 16);
        flow.destinationHigh = BigEndian.i64(data, at + 24);
        flow.destinationLow = BigEndian.i64(data, at + 32);
        ports(flow, data, at + 40);
        return true;
    }

    private static void ports(FlowRecord flow, byte[] data, int at) {
        flow.sourcePort = BigEndian.i32(data, at) & 0xFFFF;
        flow.destinationPort = BigEndian.i32(data, at + 4) & 0xFFFF;
        flow.tcpFlags = BigEndian.i32(data, at + 8) & 0xFF;
    }
}
