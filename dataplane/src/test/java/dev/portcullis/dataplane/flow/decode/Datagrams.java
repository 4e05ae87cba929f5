package dev.portcullis.dataplane.flow.decode;

/** Telemetry as exporters send it, written by hand from the formats' definitions. */
public final class Datagrams {
    /** Added to the number of an element, the same of a flow's other direction (RFC 5103), enterprise bit included. */
    static final int REVERSE = 0x18000;

    /** An element and its length for a template. */
    record Element(int number, int length) {}

    private Datagrams() {}

    static Element element(int number, int length) {
        return new Element(number, length);
    }

    /** NetFlow v5 with this header count and these records. */
    public static byte[] netFlow5(int count, long sequence, int sampling, byte[]... records) {
        return new Octets()
                .u16(5, count)
                .u32(3_600_000, 1_700_000_000, 0, sequence)
                .u8(0, 0)
                .u16(sampling)
                .add(records)
                .bytes();
    }

    /** A TCP flow of 10 packets and 5,000 bytes that lasted {@code duration} ms and ended 1 s before the header. */
    public static byte[] netFlow5Record(String source, String destination, int duration) {
        return new Octets()
                .ip(source, destination, "0.0.0.0")
                .u16(3, 4)
                .u32(10, 5_000, 3_599_000 - duration, 3_599_000)
                .u16(1234, 80)
                .u8(0, 0x12, 6, 0)
                .u16(65001, 65002)
                .u8(24, 24)
                .u16(0)
                .bytes();
    }

    public static byte[] netFlow9(long sequence, long domain, byte[]... sets) {
        return new Octets()
                .u16(9, sets.length)
                .u32(3_600_000, 1_700_000_000, sequence, domain)
                .add(sets)
                .bytes();
    }

    public static byte[] ipfix(long sequence, long domain, byte[]... sets) {
        var body = new Octets().add(sets).bytes();
        return new Octets()
                .u16(10, 16 + body.length)
                .u32(1_700_000_000, sequence, domain)
                .add(body)
                .bytes();
    }

    /** A set with its header; without padding. */
    public static byte[] set(int id, byte[]... parts) {
        var body = new Octets().add(parts).bytes();
        return new Octets().u16(id, 4 + body.length).add(body).bytes();
    }

    /** A set that announces {@code template}. */
    static byte[] announce(boolean ipfix, byte[] template) {
        return set(ipfix ? 2 : 0, template);
    }

    /** One template record, for both protocols. Element numbers with bit 15 set are followed by an enterprise number. */
    static byte[] template(int id, Element... elements) {
        var octets = new Octets().u16(id, elements.length);
        fields(octets, elements);
        return octets.bytes();
    }

    /** An IPFIX options template whose first field is the scope. */
    static byte[] ipfixOptions(int id, Element... elements) {
        var octets = new Octets().u16(id, elements.length, 1);
        fields(octets, elements);
        return octets.bytes();
    }

    /** A NetFlow v9 options template whose first field is the scope. */
    static byte[] netFlow9Options(int id, Element... elements) {
        var octets = new Octets().u16(id, 4, 4 * (elements.length - 1));
        fields(octets, elements);
        return octets.bytes();
    }

    private static void fields(Octets octets, Element... elements) {
        for (var element : elements) {
            octets.u16(element.number(), element.length());
            if ((element.number() & 0x8000) != 0) {
                octets.u32(element.number() >= REVERSE ? 29305 : 9);
            }
        }
    }

    /** The template that {@link #record} fits. */
    public static byte[] standardTemplate(int id) {
        return template(
                id,
                element(8, 4),
                element(12, 4),
                element(7, 2),
                element(11, 2),
                element(4, 1),
                element(6, 1),
                element(2, 4),
                element(1, 4));
    }

    /** A TCP SYN flow of these packets, 40 bytes each. */
    public static byte[] record(String source, String destination, int packets) {
        return new Octets()
                .ip(source, destination)
                .u16(1234, 80)
                .u8(6, 2)
                .u32(packets, 40L * packets)
                .bytes();
    }

    /** sFlow v5 of agent 192.0.2.1 with these samples. */
    public static byte[] sFlow(long sequence, byte[]... samples) {
        return new Octets()
                .u32(5, 1)
                .ip("192.0.2.1")
                .u32(0, sequence, 3_600_000, samples.length)
                .add(samples)
                .bytes();
    }

    /** A flow sample at 1 in {@code rate}, in by interface 3 and out by 4. */
    public static byte[] flowSample(int rate, byte[]... records) {
        var body = new Octets().add(records).bytes();
        return new Octets()
                .u32(1, 32 + body.length, 1, 3, rate, 1_000_000, 0, 3, 4, records.length)
                .add(body)
                .bytes();
    }

    /** A counter sample of an interface that took {@code in} packets and gave {@code out}, 500 bytes each. */
    public static byte[] counters(boolean expanded, int ifIndex, long in, long out) {
        var head =
                expanded ? new Octets().u32(4, 16 + 96, 1, 0, ifIndex, 1) : new Octets().u32(2, 12 + 96, 1, ifIndex, 1);
        return head.u32(1, 88, ifIndex, 6)
                .u64(10_000_000_000L)
                .u32(1, 3)
                .u64(500 * in)
                .u32(in - in / 10 - 7, in / 10, 7, 0, 0, 0)
                .u64(500 * out)
                .u32(out, 0, 0, 0, 0, 0)
                .bytes();
    }

    static byte[] expandedFlowSample(int rate, byte[]... records) {
        var body = new Octets().add(records).bytes();
        return new Octets()
                .u32(3, 44 + body.length, 1, 0, 3, rate, 1_000_000, 0, 0, 3, 0, 4, records.length)
                .add(body)
                .bytes();
    }

    /** A raw packet header record. */
    public static byte[] rawHeader(int protocol, int frameLength, byte[] header) {
        var padded = (header.length + 3) / 4 * 4;
        return new Octets()
                .u32(1, 16 + padded, protocol, frameLength, 4, header.length)
                .add(header)
                .zeros(padded - header.length)
                .bytes();
    }

    public static byte[] ethernet(int type, byte[] payload) {
        return new Octets().zeros(12).u16(type).add(payload).bytes();
    }

    /** An IPv4 header and what follows; its total length is that of both. */
    public static byte[] ipv4(String source, String destination, int protocol, byte[] payload) {
        return new Octets()
                .u16(0x4500, 20 + payload.length, 0, 0)
                .u8(64, protocol)
                .u16(0)
                .ip(source, destination)
                .add(payload)
                .bytes();
    }

    public static byte[] ipv6(String source, String destination, int next, byte[] payload) {
        return new Octets()
                .u32(0x6000_0000)
                .u16(payload.length)
                .u8(next, 64)
                .ip(source, destination)
                .add(payload)
                .bytes();
    }

    public static byte[] udp(int source, int destination, byte[] payload) {
        return new Octets()
                .u16(source, destination, 8 + payload.length, 0)
                .add(payload)
                .bytes();
    }

    public static byte[] tcp(int source, int destination, int flags) {
        return new Octets()
                .u16(source, destination)
                .u64(0)
                .u8(0x50, flags)
                .zeros(6)
                .bytes();
    }
}
