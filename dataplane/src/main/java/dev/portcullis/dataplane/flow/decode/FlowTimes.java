package dev.portcullis.dataplane.flow.decode;

/**
 * How long a flow lasted, from whichever pair of times its record has. Only the difference is used: exporters' clocks
 * are wrong often enough, and a record's arrival says when it ended.
 */
final class FlowTimes {
    private FlowTimes() {}

    /** Milliseconds from the first to the last packet, 0 when the record does not say or says nonsense. */
    static long duration(byte[] data, int at, Layout layout, long uptime) {
        return switch (layout.times()) {
            case NONE -> 0;
            case SWITCHED ->
                Uptime.duration(
                        (int) layout.number(data, at, Field.FIRST_SWITCHED),
                        (int) layout.number(data, at, Field.LAST_SWITCHED),
                        uptime);
            case MILLIS -> difference(data, at, layout, Field.START_MILLIS, Field.END_MILLIS);
            case SECONDS ->
                Uptime.plausible(1000 * difference(data, at, layout, Field.START_SECONDS, Field.END_SECONDS));
            case MICROS -> ntpDifference(data, at, layout, Field.START_MICROS, Field.END_MICROS);
            case NANOS -> ntpDifference(data, at, layout, Field.START_NANOS, Field.END_NANOS);
            case DELTA_MICROS ->
                // Both count back from the export.
                Uptime.plausible((layout.number(data, at, Field.START_DELTA_MICROS)
                                - layout.number(data, at, Field.END_DELTA_MICROS))
                        / 1000);
            case DURATION_MILLIS -> Uptime.plausible(layout.number(data, at, Field.DURATION_MILLIS));
            case DURATION_MICROS -> Uptime.plausible(layout.number(data, at, Field.DURATION_MICROS) / 1000);
        };
    }

    private static long difference(byte[] data, int at, Layout layout, Field start, Field end) {
        return Uptime.plausible(layout.number(data, at, end) - layout.number(data, at, start));
    }

    /** Seconds since 1900 and a binary fraction (RFC 7011 sections 6.1.9 and 6.1.10). */
    private static long ntpDifference(byte[] data, int at, Layout layout, Field start, Field end) {
        var fractions = BigEndian.i64(data, at + layout.offset(end.ordinal()))
                - BigEndian.i64(data, at + layout.offset(start.ordinal()));
        return Uptime.plausible(fractions / 4_294_967);
    }
}
