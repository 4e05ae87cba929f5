package dev.portcullis.dataplane.flow.decode;

/**
 * NetFlow v9 (RFC 3954) and IPFIX (RFC 7011). A set that is wrong loses that set; the ones behind it are read
 * as long as its length says where they start.
 */
final class TemplatedFlows {
    /** How long data waits for its template: exporters repeat templates every few minutes at most. */
    static final long WAIT_MILLIS = 120_000;

    private static final int NETFLOW9_HEADER = 20;
    private static final int IPFIX_HEADER = 16;
    private static final int SET_HEADER = 4;

    private TemplatedFlows() {}

    static void decodeNetFlow9(Datagram datagram) {
        if (datagram.length < NETFLOW9_HEADER) {
            datagram.error(DecodeError.TRUNCATED);
            return;
        }
        var data = datagram.data;
        var domain = datagram.exporter.domain(Protocol.NETFLOW9, BigEndian.u32(data, 16), datagram.nowMillis);
        if (domain == null) {
            datagram.error(DecodeError.LIMIT);
            return;
        }
        datagram.lost(Protocol.NETFLOW9, domain.follow(BigEndian.u32(data, 12), 1));
        sets(datagram, domain, Protocol.NETFLOW9, NETFLOW9_HEADER, datagram.length, BigEndian.u32(data, 4));
    }

    static void decodeIpfix(Datagram datagram) {
        if (datagram.length < IPFIX_HEADER) {
            datagram.error(DecodeError.TRUNCATED);
            return;
        }
        var data = datagram.data;
        if (BigEndian.u16(data, 2) != datagram.length) {
            datagram.error(DecodeError.LENGTH);
            return;
        }
        var domain = datagram.exporter.domain(
                Protocol.IPFIX, datagram.session << 32 | BigEndian.u32(data, 12), datagram.nowMillis);
        if (domain == null) {
            datagram.error(DecodeError.LIMIT);
            return;
        }
        var records = sets(datagram, domain, Protocol.IPFIX, IPFIX_HEADER, datagram.length, Uptime.UNKNOWN);
        datagram.lost(Protocol.IPFIX, domain.followRecords(BigEndian.u32(data, 8), records));
    }

    /** Reads all sets; says how many data records there were, or -1 when a set's template is not known. */
    private static int sets(
            Datagram datagram, ObservationDomain domain, Protocol protocol, int start, int end, long uptime) {
        var data = datagram.data;
        var ipfix = protocol == Protocol.IPFIX;
        var at = start;
        var records = 0;
        while (end - at >= SET_HEADER) {
            var id = BigEndian.u16(data, at);
            var length = BigEndian.u16(data, at + 2);
            if (length < SET_HEADER || length > end - at) {
                datagram.error(DecodeError.LENGTH);
                return -1;
            }
            var from = at + SET_HEADER;
            at += length;
            if (id == (ipfix ? 2 : 0)) {
                TemplateSets.read(datagram, domain, protocol, from, at);
            } else if (id == (ipfix ? 3 : 1)) {
                TemplateSets.readOptions(datagram, domain, protocol, from, at);
            } else if (id >= 256) {
                var template = domain.template(id);
                if (template == null) {
                    await(datagram, domain, id, from, at, uptime);
                    records = -1;
                } else {
                    var read = DataSets.read(
                            datagram, domain, protocol, template, data, from, at, uptime, datagram.nowMillis);
                    records = records < 0 ? -1 : records + read;
                }
            }
            // Ids 4 to 255 are reserved: a later version may use them, this one skips them.
        }
        return records;
    }

    private static void await(
            Datagram datagram, ObservationDomain domain, int templateId, int from, int end, long uptime) {
        datagram.counts.templateMiss();
        var records = new byte[end - from + 2 * Layout.MARGIN];
        System.arraycopy(datagram.data, from, records, Layout.MARGIN, end - from);
        if (!domain.await(new ObservationDomain.Waiting(templateId, records, uptime, datagram.nowMillis))) {
            datagram.error(DecodeError.TEMPLATE_MISSING);
        }
    }

    /** Reads what waited for a template. It is booked at the time it came. */
    static void replay(Datagram datagram, ObservationDomain domain, Protocol protocol, int templateId) {
        for (var set : domain.arrived(templateId)) {
            var template = domain.template(templateId);
            if (template != null) {
                DataSets.read(
                        datagram,
                        domain,
                        protocol,
                        template,
                        set.records(),
                        Layout.MARGIN,
                        set.records().length - Layout.MARGIN,
                        set.uptime(),
                        set.arrivalMillis());
            }
        }
    }
}
