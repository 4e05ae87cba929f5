package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Template.MISSING;

/**
 * How long a flow lasted, from whichever pair of times its record has. Only the difference is used: exporters' clocks
 * are wrong often enough, and a record's arrival says when it ended.
 */
final class FlowTimes {
    private FlowTimes() {}

    /** Milliseconds from the first to the last packet, 0 when the record does not say or says nonsense. */
    static long duration(byte[] data, int at, int[] offsets, int[] lengths, int uptime) {
        if (has(offsets, Field.FIRST_SWITCHED, Field.LAST_SWITCHED)) {
            return Uptime.duration(
                    (int) number(data, at, offsets, lengths, Field.FIRST_SWITCHED),
                    (int) number(data, at, offsets, lengths, Field.LAST_SWITCHED),
                    uptime);
        }
        if (has(offsets, Field.START_MILLIS, Field.END_MILLIS)) {
            return difference(data, at, offsets, lengths, Field.START_MILLIS, Field.END_MILLIS);
        }
        if (has(offsets, Field.START_SECONDS, Field.END_SECONDS)) {
            return Uptime.plausible(
                    1000 * difference(data, at, offsets, lengths, Field.START_SECONDS, Field.END_SECONDS));
        }
        if (has(offsets, Field.START_MICROS, Field.END_MICROS)) {
            return ntpDifference(data, at, offsets, lengths, Field.START_MICROS, Field.END_MICROS);
        }
        if (has(offsets, Field.START_NANOS, Field.END_NANOS)) {
            return ntpDifference(data, at, offsets, lengths, Field.START_NANOS, Field.END_NANOS);
        }
        if (has(offsets, Field.START_DELTA_MICROS, Field.END_DELTA_MICROS)) {
            // Both count back from the export.
            return Uptime.plausible((number(data, at, offsets, lengths, Field.START_DELTA_MICROS)
                            - number(data, at, offsets, lengths, Field.END_DELTA_MICROS))
                    / 1000);
        }
        if (offsets[Field.DURATION_MILLIS.ordinal()] != MISSING) {
            return Uptime.plausible(number(data, at, offsets, lengths, Field.DURATION_MILLIS));
        }
        return Uptime.plausible(number(data, at, offsets, lengths, Field.DURATION_MICROS) / 1000);
    }

    private static long difference(byte[] data, int at, int[] offsets, int[] lengths, Field start, Field end) {
        return Uptime.plausible(number(data, at, offsets, lengths, end) - number(data, at, offsets, lengths, start));
    }

    /** Seconds since 1900 and a binary fraction (RFC 7011 sections 6.1.9 and 6.1.10). */
    private static long ntpDifference(byte[] data, int at, int[] offsets, int[] lengths, Field start, Field end) {
        if (lengths[start.ordinal()] != 8 || lengths[end.ordinal()] != 8) {
            return 0;
        }
        var fractions =
                BigEndian.i64(data, at + offsets[end.ordinal()]) - BigEndian.i64(data, at + offsets[start.ordinal()]);
        return Uptime.plausible(fractions / 4_294_967);
    }

    private static boolean has(int[] offsets, Field start, Field end) {
        return offsets[start.ordinal()] != MISSING && offsets[end.ordinal()] != MISSING;
    }

    private static long number(byte[] data, int at, int[] offsets, int[] lengths, Field field) {
        return DataSets.number(data, at, offsets, lengths, field.ordinal());
    }
}
