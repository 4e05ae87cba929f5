package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Template.MISSING;

/**
 * Sampling rates in options records: NetFlow v9's interval (34) and sampler table (48, 50), and IPFIX's selectors (302)
 * with packets taken and left out (305, 306), n out of N (309, 310) or a probability (311) (RFC 5477).
 */
final class Sampling {
    private static final double MOST = 16_777_215;

    private Sampling() {}

    /** Takes the rate out of one options record, if it states one. */
    static void learn(Datagram datagram, ObservationDomain domain, byte[] data, int at, int[] offsets, int[] lengths) {
        var rate = rate(data, at, offsets, lengths);
        if (!(rate >= 1 && rate <= MOST)) {
            return;
        }
        var id = offsets[Field.SAMPLER_ID.ordinal()] != MISSING ? Field.SAMPLER_ID : Field.SELECTOR_ID;
        if (offsets[id.ordinal()] == MISSING) {
            domain.learnRate(rate);
        } else if (!domain.learnRate(number(data, at, offsets, lengths, id), rate)) {
            datagram.error(DecodeError.LIMIT);
        }
    }

    /** One in how many packets, or 0. */
    private static double rate(byte[] data, int at, int[] offsets, int[] lengths) {
        var taken = number(data, at, offsets, lengths, Field.SAMPLING_PACKET_INTERVAL);
        if (taken > 0) {
            // Without 306 exporters mean "one in this many", whatever RFC 5477 says.
            return offsets[Field.SAMPLING_PACKET_SPACE.ordinal()] == MISSING
                    ? taken
                    : (double) (taken + number(data, at, offsets, lengths, Field.SAMPLING_PACKET_SPACE)) / taken;
        }
        var size = number(data, at, offsets, lengths, Field.SAMPLING_SIZE);
        if (size > 0) {
            return (double) number(data, at, offsets, lengths, Field.SAMPLING_POPULATION) / size;
        }
        var probability = probability(data, at, offsets, lengths);
        if (probability > 0) {
            return 1 / probability;
        }
        var random = number(data, at, offsets, lengths, Field.SAMPLER_RANDOM_INTERVAL);
        return random > 0 ? random : number(data, at, offsets, lengths, Field.SAMPLING_INTERVAL);
    }

    private static double probability(byte[] data, int at, int[] offsets, int[] lengths) {
        var field = Field.SAMPLING_PROBABILITY.ordinal();
        if (offsets[field] == MISSING) {
            return 0;
        }
        return lengths[field] == 8
                ? Double.longBitsToDouble(BigEndian.i64(data, at + offsets[field]))
                : Float.intBitsToFloat(BigEndian.i32(data, at + offsets[field]));
    }

    private static long number(byte[] data, int at, int[] offsets, int[] lengths, Field field) {
        return DataSets.number(data, at, offsets, lengths, field.ordinal());
    }
}
