package dev.portcullis.dataplane.flow.decode;

import java.util.Arrays;

/**
 * The information elements that are read, by the number NetFlow v9 (RFC 3954 section 8) and IPFIX (IANA registry) share, and
 * those of the other direction of a flow (RFC 5103). All others are skipped by their length.
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
    FRAME_SECTION(315),
    REVERSE_OCTETS(Field.REVERSE | 1),
    REVERSE_PACKETS(Field.REVERSE | 2),
    REVERSE_TCP_FLAGS(Field.REVERSE | 6);

    /** Added to the number of an element that is of the other direction: the enterprise bit, here that of RFC 5103. */
    static final int REVERSE = 0x8000;

    /** The enterprise number of RFC 5103 section 6.1, under which each element means the other direction. */
    static final int REVERSE_ENTERPRISE = 29_305;

    private static final Field[] FIELDS = values();

    static final int COUNT = FIELDS.length;

    private static final int HIGHEST = 315;
    private static final byte[] BY_ELEMENT = new byte[HIGHEST + 1];
    private static final byte[] BY_REVERSE_ELEMENT = new byte[HIGHEST + 1];

    static {
        Arrays.fill(BY_ELEMENT, (byte) -1);
        Arrays.fill(BY_REVERSE_ELEMENT, (byte) -1);
        for (var field : values()) {
            var numbers = (field.element & REVERSE) == 0 ? BY_ELEMENT : BY_REVERSE_ELEMENT;
            numbers[field.element & ~REVERSE] = (byte) field.ordinal();
        }
        // Totals and what firewalls call initiator's and responder's: the same of flows that are told of once.
        BY_REVERSE_ELEMENT[85] = (byte) REVERSE_OCTETS.ordinal();
        BY_REVERSE_ELEMENT[86] = (byte) REVERSE_PACKETS.ordinal();
        BY_ELEMENT[231] = (byte) OCTETS.ordinal();
        BY_ELEMENT[232] = (byte) REVERSE_OCTETS.ordinal();
        BY_ELEMENT[298] = (byte) PACKETS.ordinal();
        BY_ELEMENT[299] = (byte) REVERSE_PACKETS.ordinal();
    }

    private final int element;

    Field(int element) {
        this.element = element;
    }

    /** The ordinal of the field with this element number, with {@link #REVERSE} where it is of the other direction, or -1. */
    static int ordinalOf(int element) {
        var number = element & ~REVERSE;
        if (number < 0 || number > HIGHEST) {
            return -1;
        }
        return element == number ? BY_ELEMENT[number] : BY_REVERSE_ELEMENT[number];
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
