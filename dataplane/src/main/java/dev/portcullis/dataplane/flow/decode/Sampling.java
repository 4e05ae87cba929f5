package dev.portcullis.dataplane.flow.decode;

/**
 * Sampling rates in options records: NetFlow v9's interval (34) and sampler table (48, 50), and IPFIX's selectors (302)
 * with packets taken and left out (305, 306), n out of N (309, 310) or a probability (311) (RFC 5477). Rates may be of the whole
 * domain, of a sampler, or of an interface.
 */
final class Sampling {
    private static final double MOST = 16_777_215;

    /** What a rate may be of, the nearest to a record first. */
    private static final Field[] STATED_OF = {
        Field.SAMPLER_ID, Field.SELECTOR_ID, Field.INPUT_INTERFACE, Field.OUTPUT_INTERFACE
    };

    private Sampling() {}

    /** Takes the rate out of one options record, if it states one. */
    static void learn(Datagram datagram, ObservationDomain domain, byte[] data, int at, Layout layout) {
        var rate = rate(data, at, layout);
        if (!plausible(rate)) {
            return;
        }
        for (var of : STATED_OF) {
            if (layout.has(of.ordinal())) {
                var id = layout.number(data, at, of);
                var sampler = of == Field.SAMPLER_ID || of == Field.SELECTOR_ID;
                if (!(sampler ? domain.learnSampler(id, rate) : domain.learnInterface(id, rate))) {
                    datagram.error(DecodeError.LIMIT);
                }
                return;
            }
        }
        domain.learnRate(rate);
    }

    /** True for what can be one in how many packets. */
    static boolean plausible(double rate) {
        return rate >= 1 && rate <= MOST;
    }

    /** One in how many packets, or 0. */
    private static double rate(byte[] data, int at, Layout layout) {
        var taken = layout.number(data, at, Field.SAMPLING_PACKET_INTERVAL);
        if (taken > 0) {
            // Without 306 exporters mean "one in this many", whatever RFC 5477 says.
            return !layout.has(Field.SAMPLING_PACKET_SPACE.ordinal())
                    ? taken
                    : (double) (taken + layout.number(data, at, Field.SAMPLING_PACKET_SPACE)) / taken;
        }
        var size = layout.number(data, at, Field.SAMPLING_SIZE);
        if (size > 0) {
            return (double) layout.number(data, at, Field.SAMPLING_POPULATION) / size;
        }
        var probability = probability(data, at, layout);
        if (probability > 0) {
            return 1 / probability;
        }
        var random = layout.number(data, at, Field.SAMPLER_RANDOM_INTERVAL);
        return random > 0 ? random : layout.number(data, at, Field.SAMPLING_INTERVAL);
    }

    private static double probability(byte[] data, int at, Layout layout) {
        var field = Field.SAMPLING_PROBABILITY.ordinal();
        if (!layout.has(field)) {
            return 0;
        }
        return layout.length(field) == 8
                ? Double.longBitsToDouble(BigEndian.i64(data, at + layout.offset(field)))
                : Float.intBitsToFloat(BigEndian.i32(data, at + layout.offset(field)));
    }
}
