package dev.portcullis.dataplane.flow.decode;

/**
 * NetFlow v5 as Cisco documents it: a header of 24 bytes and 1 to 30 records of 48 bytes, nothing else.
 */
final class NetFlow5 {
    static final int HEADER = 24;
    static final int RECORD = 48;
    static final int MOST_RECORDS = 30;

    private NetFlow5() {}

    static void decode(Datagram datagram) {
        var data = datagram.data;
        if (datagram.length < HEADER) {
            datagram.error(DecodeError.TRUNCATED);
            return;
        }
        var count = BigEndian.u16(data, 2);
        if (count < 1 || count > MOST_RECORDS) {
            datagram.error(DecodeError.COUNT);
            return;
        }
        if (datagram.length != HEADER + RECORD * count) {
            datagram.error(DecodeError.LENGTH);
            return;
        }
        datagram.follow(Protocol.NETFLOW5, BigEndian.u16(data, 20), BigEndian.u32(data, 16), count);
        var uptime = BigEndian.u32(data, 4);
        // The two highest bits are the sampling mode. Some exporters state a rate and leave the mode at 0.
        var rate = datagram.samplingRate(BigEndian.u16(data, 22) & 0x3FFF);
        for (var at = HEADER; at < datagram.length; at += RECORD) {
            var flow = datagram.next(Protocol.NETFLOW5, datagram.nowMillis);
            flow.samplingRate = rate;
            flow.fragment = false;
            flow.sourceHigh = 0;
            flow.destinationHigh = 0;
            flow.sourceLow = IpBits.v4(BigEndian.i32(data, at));
            flow.destinationLow = IpBits.v4(BigEndian.i32(data, at + 4));
            flow.inputInterface = BigEndian.u16(data, at + 12);
            flow.outputInterface = BigEndian.u16(data, at + 14);
            flow.packets = BigEndian.u32(data, at + 16);
            flow.bytes = BigEndian.u32(data, at + 20);
            flow.durationMillis = Uptime.duration(BigEndian.i32(data, at + 24), BigEndian.i32(data, at + 28), uptime);
            flow.sourcePort = BigEndian.u16(data, at + 32);
            flow.destinationPort = BigEndian.u16(data, at + 34);
            flow.tcpFlags = BigEndian.u8(data, at + 37);
            flow.ipProtocol = BigEndian.u8(data, at + 38);
            datagram.emit(flow);
        }
        datagram.counts.flows(Protocol.NETFLOW5, count);
    }
}
