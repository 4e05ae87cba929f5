package dev.portcullis.dataplane.flow.decode;

/**
 * Template and options template sets of NetFlow v9 (RFC 3954 sections 5.2 and 6.1) and IPFIX (RFC 7011 section 3.4). A
 * template that is wrong is dropped and counted; where the ones behind it start is then known only if its own fields
 * fitted.
 */
final class TemplateSets {
    static final int MOST_FIELDS = 512;

    private static final int FIRST_DATA_ID = 256;
    private static final int SCOPE_INTERFACE = 2;
    static final int ENTERPRISE = 0x8000;

    private TemplateSets() {}

    /** Reads the records of a template set, {@code at} to {@code end}. */
    static void read(Datagram datagram, ObservationDomain domain, Protocol protocol, int at, int end) {
        var ipfix = protocol == Protocol.IPFIX;
        while (end - at >= 4) {
            var id = BigEndian.u16(datagram.data, at);
            var count = BigEndian.u16(datagram.data, at + 2);
            if (id == 0 && count == 0) {
                return;
            }
            at += 4;
            if (ipfix && count == 0) {
                withdraw(datagram, domain, id, false);
                continue;
            }
            at = template(datagram, domain, protocol, id, false, at, end, count, 0);
            if (at < 0) {
                return;
            }
        }
    }

    /** Reads the records of an options template set. */
    static void readOptions(Datagram datagram, ObservationDomain domain, Protocol protocol, int at, int end) {
        var ipfix = protocol == Protocol.IPFIX;
        while (end - at >= (ipfix ? 4 : 6)) {
            var data = datagram.data;
            var id = BigEndian.u16(data, at);
            int count;
            if (ipfix) {
                // The count includes the scope fields, of which there must be one at least.
                count = BigEndian.u16(data, at + 2);
                if (count == 0) {
                    withdraw(datagram, domain, id, true);
                    at += 4;
                    continue;
                }
                if (end - at < 6 || BigEndian.u16(data, at + 4) < 1 || BigEndian.u16(data, at + 4) > count) {
                    datagram.error(DecodeError.TEMPLATE);
                    return;
                }
            } else {
                var scopeBytes = BigEndian.u16(data, at + 2);
                var optionBytes = BigEndian.u16(data, at + 4);
                if (id == 0 && scopeBytes == 0) {
                    return;
                }
                if (scopeBytes % 4 != 0 || optionBytes % 4 != 0) {
                    datagram.error(DecodeError.TEMPLATE);
                    return;
                }
                count = (scopeBytes + optionBytes) / 4;
            }
            var scopes = ipfix ? 0 : BigEndian.u16(data, at + 2) / 4;
            at = template(datagram, domain, protocol, id, true, at + 6, end, count, scopes);
            if (at < 0) {
                return;
            }
        }
    }

    /**
     * Reads one template's fields.
     *
     * @param scopes how many fields at its start are scopes, whose numbers are not those of elements (v9 alone)
     * @return where the next template starts, or -1 when nobody can know
     */
    private static int template(
            Datagram datagram,
            ObservationDomain domain,
            Protocol protocol,
            int id,
            boolean options,
            int at,
            int end,
            int count,
            int scopes) {
        var ipfix = protocol == Protocol.IPFIX;
        var data = datagram.data;
        var known = domain.template(id);
        if (known != null && known.announcedBy(data, at, end, options, count, scopes, ipfix)) {
            domain.renew(known, datagram.nowMillis);
            return at + Template.announcedBytes(data, at, count, ipfix);
        }
        if (count > MOST_FIELDS) {
            datagram.error(DecodeError.COUNT);
            return -1;
        }
        var fields = new short[count];
        var lengths = new int[count];
        for (var i = 0; i < count; i++) {
            if (end - at < 4) {
                datagram.error(DecodeError.LENGTH);
                return -1;
            }
            var element = BigEndian.u16(data, at);
            lengths[i] = BigEndian.u16(data, at + 2);
            fields[i] = (short) field(data, at, i < scopes, ipfix);
            at += 4;
            if (ipfix && (element & ENTERPRISE) != 0) {
                if (end - at < 4) {
                    datagram.error(DecodeError.LENGTH);
                    return -1;
                }
                at += 4;
            }
        }
        if (!describesRecords(id, lengths)) {
            datagram.error(DecodeError.TEMPLATE);
            return at;
        }
        switch (domain.learn(new Template(id, options, fields, lengths), datagram.nowMillis)) {
            case KNOWN -> {}
            case REPLACED -> datagram.counts.templateChange(TemplateChange.REPLACED);
            case CONTESTED -> datagram.counts.templateChange(TemplateChange.CONTESTED);
            case REFUSED -> {
                datagram.error(DecodeError.LIMIT);
                return at;
            }
        }
        TemplatedFlows.replay(datagram, domain, protocol, id);
        return at;
    }

    /**
     * The ordinal of the {@link Field} that a field specifier names, or -1.
     *
     * @param at of the specifier, behind which four more bytes can be read
     * @param scope whether it is a scope of v9, whose numbers are others (RFC 3954 section 6.1)
     */
    static int field(byte[] data, int at, boolean scope, boolean ipfix) {
        var element = BigEndian.u16(data, at);
        if (scope) {
            return element == SCOPE_INTERFACE ? Field.INPUT_INTERFACE.ordinal() : -1;
        }
        if ((element & ENTERPRISE) == 0) {
            return Field.ordinalOf(element);
        }
        // The bit of an enterprise is the one that Field tells the other direction by.
        return ipfix && BigEndian.u32(data, at + 4) == Field.REVERSE_ENTERPRISE ? Field.ordinalOf(element) : -1;
    }

    /** False when no data set can have this number, or its records no length: those would be found in it without end. */
    static boolean describesRecords(int id, int[] lengths) {
        var total = 0L;
        for (var length : lengths) {
            total += length == Template.VARIABLE ? 1 : length;
        }
        return id >= FIRST_DATA_ID && id <= 65_535 && total > 0 && total <= 65_535;
    }

    /** Over UDP there are no withdrawals (RFC 7011 section 8.4): whoever sends one wants the exporter's data lost. */
    private static void withdraw(Datagram datagram, ObservationDomain domain, int id, boolean options) {
        if (datagram.session == 0) {
            datagram.counts.templateChange(TemplateChange.WITHDRAWAL_IGNORED);
        } else if (id >= FIRST_DATA_ID) {
            domain.withdraw(id);
        } else if (id == (options ? 3 : 2)) {
            domain.withdrawAll(options);
        }
    }
}
