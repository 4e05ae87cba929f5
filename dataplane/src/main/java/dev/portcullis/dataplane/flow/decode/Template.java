package dev.portcullis.dataplane.flow.decode;

import java.util.Arrays;

/**
 * Where the fields of a record are (RFC 3954 section 5.2, RFC 7011 section 3.4). Its layout is immutable, so that every
 * worker may read one while another replaces it.
 */
final class Template {
    /** A length that the record states itself (RFC 7011 section 7). */
    static final int VARIABLE = 65535;

    /** In {@link #offsets}: the record has no such field. */
    static final int MISSING = -1;

    private static final Field[] FIELDS = Field.values();

    private final int id;
    private final boolean options;
    private final short[] fields;
    private final int[] lengths;
    private final int[] offsets = new int[Field.COUNT];
    private final int[] fieldLengths = new int[Field.COUNT];
    private final int minimum;
    private final boolean fixed;
    private volatile long announcedMillis;

    /**
     * A template of these fields.
     *
     * @param fields ordinals of {@link Field}, -1 for one that is skipped
     * @param lengths in bytes, or {@link #VARIABLE}
     */
    Template(int id, boolean options, short[] fields, int[] lengths) {
        this.id = id;
        this.options = options;
        this.fields = fields;
        this.lengths = lengths;
        Arrays.fill(offsets, MISSING);
        var at = 0;
        var allFixed = true;
        for (var i = 0; i < fields.length; i++) {
            if (lengths[i] == VARIABLE) {
                allFixed = false;
                at += 1;
            } else {
                locate(i, at, lengths[i], offsets, fieldLengths);
                at += lengths[i];
            }
        }
        minimum = at;
        fixed = allFixed;
    }

    /** Of a field that comes twice the first one counts. */
    private void locate(int i, int at, int length, int[] atOffsets, int[] atLengths) {
        var field = fields[i];
        if (field >= 0 && atOffsets[field] == MISSING && FIELDS[field].reads(length)) {
            atOffsets[field] = at;
            atLengths[field] = length;
        }
    }

    int id() {
        return id;
    }

    /** Monotonic milliseconds of its latest announcement. */
    long announcedMillis() {
        return announcedMillis;
    }

    void announced(long nowMillis) {
        announcedMillis = nowMillis;
    }

    /** True for records about the exporter, not about flows. */
    boolean options() {
        return options;
    }

    /** True when every record has the same length, {@link #minimum}. */
    boolean fixed() {
        return fixed;
    }

    /** Length of the shortest record in bytes; above 0. */
    int minimum() {
        return minimum;
    }

    int fieldCount() {
        return fields.length;
    }

    /** Offsets from the start of a {@link #fixed} record, by ordinal of {@link Field}. Not to be written. */
    int[] offsets() {
        return offsets;
    }

    /** Lengths in a {@link #fixed} record, by ordinal of {@link Field}. Not to be written. */
    int[] fieldLengths() {
        return fieldLengths;
    }

    /**
     * Finds the fields of a record that is not fixed.
     *
     * @param atOffsets filled with offsets from {@code start}, by ordinal of {@link Field}
     * @param atLengths filled with lengths
     * @return the length of the record, or -1 when it reaches beyond {@code end}
     */
    int walk(byte[] data, int start, int end, int[] atOffsets, int[] atLengths) {
        Arrays.fill(atOffsets, MISSING);
        var at = start;
        for (var i = 0; i < fields.length; i++) {
            var length = lengths[i];
            if (length == VARIABLE) {
                if (at >= end) {
                    return -1;
                }
                length = BigEndian.u8(data, at++);
                if (length == 255) {
                    if (end - at < 2) {
                        return -1;
                    }
                    length = BigEndian.u16(data, at);
                    at += 2;
                }
            }
            if (length > end - at) {
                return -1;
            }
            locate(i, at - start, length, atOffsets, atLengths);
            at += length;
        }
        return at - start;
    }

    boolean sameAs(Template other) {
        return options == other.options && Arrays.equals(fields, other.fields) && Arrays.equals(lengths, other.lengths);
    }
}
