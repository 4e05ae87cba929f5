package dev.portcullis.dataplane.flow.decode;

import java.util.Arrays;

/**
 * The information elements that are read, by the number NetFlow v9 (RFC 3954 section 8) and IPFIX (IANA registry) share.
 * All others are skipped by their length.
 */
enum Field {
    OCTETS(1),
    PACKETS(2),
    PROTOCOL(4),
    TCP_FLAGS(6),
    SOURCE_PORT(7),
    SOURCE_V4(8),
    INPUT_INTERFACE(10),
    DESTINATION_PORT(11),
    DESTINATION_V4(12),
    OUTPUT_INTERFACE(14),
    LAST_SWITCHED(21),
    FIRST_SWITCHED(22),
    OUT_OCTETS(23),
    OUT_PACKETS(24),
    SOURCE_V6(27),
    DESTINATION_V6(28),
    SAMPLING_INTERVAL(34),
    SAMPLER_ID(48),
    SAMPLER_RANDOM_INTERVAL(50),
    TOTAL_OCTETS(85),
    TOTAL_PACKETS(86),
    FRAGMENT_OFFSET(88),
    START_SECONDS(150),
    END_SECONDS(151),
    START_MILLIS(152),
    END_MILLIS(153),
    START_MICROS(154),
    END_MICROS(155),
    START_NANOS(156),
    END_NANOS(157),
    START_DELTA_MICROS(158),
    END_DELTA_MICROS(159),
    DURATION_MILLIS(161),
    DURATION_MICROS(162),
    FRAGMENT_FLAGS(197),
    PACKET_SIZE(224),
    SELECTOR_ID(302),
    SAMPLING_PACKET_INTERVAL(305),
    SAMPLING_PACKET_SPACE(306),
    SAMPLING_SIZE(309),
    SAMPLING_POPULATION(310),
    SAMPLING_PROBABILITY(311),
    FRAME_SIZE(312),
    PACKET_SECTION(313),
    FRAME_SECTION(315);

    private static final Field[] FIELDS = values();

    static final int COUNT = FIELDS.length;

    private static final int HIGHEST = 315;
    private static final byte[] BY_ELEMENT = new byte[HIGHEST + 1];

    static {
        Arrays.fill(BY_ELEMENT, (byte) -1);
        for (var field : values()) {
            BY_ELEMENT[field.element] = (byte) field.ordinal();
        }
    }

    private final int element;

    Field(int element) {
        this.element = element;
    }

    /** The ordinal of the field with this element number, or -1. */
    static int ordinalOf(int element) {
        return element >= 0 && element <= HIGHEST ? BY_ELEMENT[element] : -1;
    }

    /** The element number of the field with this ordinal, 0 for -1. */
    static int elementOf(int ordinal) {
        return ordinal < 0 ? 0 : FIELDS[ordinal].element;
    }

    /** True when a field of this length can be read; others are skipped. */
    boolean reads(int length) {
        return switch (this) {
            case SOURCE_V4, DESTINATION_V4 -> length == 4;
            case SOURCE_V6, DESTINATION_V6 -> length == 16;
            case FRAME_SECTION, PACKET_SECTION -> true;
            case SAMPLING_PROBABILITY -> length == 4 || length == 8;
            default -> length >= 1 && length <= 8;
        };
    }
}
