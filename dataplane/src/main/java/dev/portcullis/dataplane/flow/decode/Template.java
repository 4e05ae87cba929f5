package dev.portcullis.dataplane.flow.decode;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Where the fields of a record are (RFC 3954 section 5.2, RFC 7011 section 3.4). Its layout is immutable, so that every
 * worker may read one while another replaces it.
 */
final class Template {
    /** A length that the record states itself (RFC 7011 section 7). */
    static final int VARIABLE = 65535;

    private static final long NEVER = Long.MIN_VALUE / 2;

    private final int id;
    private final boolean options;
    private final short[] fields;
    private final int[] lengths;
    private final Layout layout = new Layout();
    private final int minimum;
    private final boolean fixed;
    private volatile long announcedMillis;
    private volatile long replacedMillis = NEVER;

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
        var at = 0;
        var allFixed = true;
        for (var i = 0; i < fields.length; i++) {
            if (lengths[i] == VARIABLE) {
                allFixed = false;
                at += 1;
            } else {
                layout.place(fields[i], at, lengths[i]);
                at += lengths[i];
            }
        }
        minimum = at;
        fixed = allFixed;
        layout.placed();
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

    /** Monotonic milliseconds at which it took the place of another of its number; far in the past when it did not. */
    long replacedMillis() {
        return replacedMillis;
    }

    void replaced(long nowMillis) {
        replacedMillis = nowMillis;
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

    /** Where the fields of a {@link #fixed} record are. Not to be written. */
    Layout layout() {
        return layout;
    }

    /**
     * Finds the fields of a record that is not fixed.
     *
     * @param found filled with their places
     * @return the length of the record, or -1 when it reaches beyond {@code end}
     */
    int walk(byte[] data, int start, int end, Layout found) {
        found.clear();
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
            found.place(fields[i], at - start, length);
            at += length;
        }
        found.placed();
        return at - start;
    }

    boolean sameAs(Template other) {
        return options == other.options && Arrays.equals(fields, other.fields) && Arrays.equals(lengths, other.lengths);
    }

    ExporterMemory.Announced remember() {
        return new ExporterMemory.Announced(
                id,
                options,
                IntStream.range(0, fields.length)
                        .mapToObj(i -> Field.elementOf(fields[i]))
                        .toList(),
                Arrays.stream(lengths).boxed().toList());
    }

    /** The template that was remembered, if it is one that would have been learnt. */
    static Optional<Template> recall(ExporterMemory.Announced memory) {
        var count = memory.elements().size();
        if (count == 0 || count > TemplateSets.MOST_FIELDS || memory.lengths().size() != count) {
            return Optional.empty();
        }
        var fields = new short[count];
        var lengths = new int[count];
        for (var i = 0; i < count; i++) {
            fields[i] = (short) Field.ordinalOf(memory.elements().get(i));
            lengths[i] = memory.lengths().get(i);
            if (lengths[i] < 0 || lengths[i] > VARIABLE) {
                return Optional.empty();
            }
        }
        return TemplateSets.describesRecords(memory.id(), lengths)
                ? Optional.of(new Template(memory.id(), memory.options(), fields, lengths))
                : Optional.empty();
    }

    /**
     * True when {@code data} announces this template once more, from its first field specifier at {@code at} on.
     *
     * @param scopes see {@link TemplateSets}
     */
    boolean announcedBy(byte[] data, int at, int end, boolean isOptions, int count, int scopes, boolean ipfix) {
        if (options != isOptions || count != fields.length) {
            return false;
        }
        for (var i = 0; i < count; i++) {
            if (end - at < 4) {
                return false;
            }
            var element = BigEndian.u16(data, at);
            var enterprise = ipfix && (element & TemplateSets.ENTERPRISE) != 0;
            if (BigEndian.u16(data, at + 2) != lengths[i]
                    || fields[i] != TemplateSets.field(data, at, i < scopes, ipfix)) {
                return false;
            }
            at += enterprise ? 8 : 4;
        }
        return at <= end;
    }

    /** Bytes of its field specifiers in an announcement. */
    static int announcedBytes(byte[] data, int at, int count, boolean ipfix) {
        var start = at;
        for (var i = 0; i < count; i++) {
            at += ipfix && (BigEndian.u16(data, at) & TemplateSets.ENTERPRISE) != 0 ? 8 : 4;
        }
        return at - start;
    }
}
