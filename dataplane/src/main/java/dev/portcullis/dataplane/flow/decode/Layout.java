package dev.portcullis.dataplane.flow.decode;

import java.util.Arrays;

/**
 * Where the fields of one record are, by ordinal of {@link Field}. A number is read as the eight bytes that end where the
 * field ends, under a mask: one load, one mask and no branch, whatever its length and whether or not the record has it. The
 * bytes that are masked away may lie before the record or behind it, so eight must be readable on either side.
 */
final class Layout {
    /** Room that {@link #number} needs before and after the records of an array. */
    static final int MARGIN = 8;

    private static final Field[] FIELDS = Field.values();

    /** Which pair of times says how long the flow lasted; decided once a template. */
    enum Times {
        NONE,
        SWITCHED,
        MILLIS,
        SECONDS,
        MICROS,
        NANOS,
        DELTA_MICROS,
        DURATION_MILLIS,
        DURATION_MICROS
    }

    private final int[] ends = new int[Field.COUNT];
    private final long[] masks = new long[Field.COUNT];
    private final int[] lengths = new int[Field.COUNT];
    private Times times = Times.NONE;
    private boolean namesSampling;
    private boolean twoDirections;

    Layout() {
        clear();
    }

    /** Forgets every field. */
    void clear() {
        Arrays.fill(ends, MARGIN);
        Arrays.fill(masks, 0);
    }

    /** Places a field, {@code at} from the start of the record; of one that comes twice the first counts. */
    void place(int field, int at, int length) {
        if (field >= 0 && masks[field] == 0 && FIELDS[field].reads(length)) {
            ends[field] = at + length;
            masks[field] = length >= 8 ? -1 : (1L << 8 * length) - 1;
            lengths[field] = length;
        }
    }

    /** Says that all fields are placed. */
    void placed() {
        times = findTimes();
        twoDirections = has(Field.REVERSE_PACKETS) || has(Field.REVERSE_OCTETS);
        namesSampling = has(Field.SAMPLING_INTERVAL) || has(Field.SAMPLER_ID) || has(Field.SELECTOR_ID);
    }

    private Times findTimes() {
        if (has(Field.FIRST_SWITCHED) && has(Field.LAST_SWITCHED)) {
            return Times.SWITCHED;
        }
        if (has(Field.START_MILLIS) && has(Field.END_MILLIS)) {
            return Times.MILLIS;
        }
        if (has(Field.START_SECONDS) && has(Field.END_SECONDS)) {
            return Times.SECONDS;
        }
        if (eightBytes(Field.START_MICROS) && eightBytes(Field.END_MICROS)) {
            return Times.MICROS;
        }
        if (eightBytes(Field.START_NANOS) && eightBytes(Field.END_NANOS)) {
            return Times.NANOS;
        }
        if (has(Field.START_DELTA_MICROS) && has(Field.END_DELTA_MICROS)) {
            return Times.DELTA_MICROS;
        }
        if (has(Field.DURATION_MILLIS)) {
            return Times.DURATION_MILLIS;
        }
        return has(Field.DURATION_MICROS) ? Times.DURATION_MICROS : Times.NONE;
    }

    private boolean eightBytes(Field field) {
        return has(field) && lengths[field.ordinal()] == 8;
    }

    private boolean has(Field field) {
        return masks[field.ordinal()] != 0;
    }

    Times times() {
        return times;
    }

    /** True when the record itself says how it was sampled, or by whom. */
    boolean namesSampling() {
        return namesSampling;
    }

    /** True when the record also tells of what went the other way. */
    boolean twoDirections() {
        return twoDirections;
    }

    /** True when the record has the field with this ordinal, in a length that can be read. */
    boolean has(int field) {
        return masks[field] != 0;
    }

    /** Offset of a field that the record {@link #has} from its start. */
    int offset(int field) {
        return ends[field] - lengths[field];
    }

    /** Length of a field that the record {@link #has}. */
    int length(int field) {
        return lengths[field];
    }

    /** An unsigned number, 0 when the record has none; 2^63 and above saturate. */
    long number(byte[] data, int at, int field) {
        var value = BigEndian.i64(data, at + ends[field] - MARGIN) & masks[field];
        return value < 0 ? Long.MAX_VALUE : value;
    }

    /** The same. */
    long number(byte[] data, int at, Field field) {
        return number(data, at, field.ordinal());
    }
}
