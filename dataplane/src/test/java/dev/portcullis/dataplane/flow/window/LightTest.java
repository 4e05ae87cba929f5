package dev.portcullis.dataplane.flow.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sums that share words, beside sums that do not. */
class LightTest {
    private static final int SAMPLES = 200_000;

    private final Random random = new Random(5);

    /** Of every order of magnitude, and often one of the two that are at an edge. */
    private long any(long most) {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> most;
            default -> random.nextLong(most) >>> random.nextInt(35);
        };
    }

    @Test
    void threeSumsAreComparedWithTheirLimitsAsIfEachHadAWordOfItsOwn() {
        for (var sample = 0; sample < SAMPLES; sample++) {
            var promotion = new long[2 * Floors.SUMS];
            for (var i = 0; i < promotion.length; i++) {
                promotion[i] = Math.max(1, any(Floors.most(i % Floors.SUMS)));
            }
            var tops = Light.tops(promotion);
            var flows = any(Light.MOST);
            var packets = any(Light.MOST);
            var bytes = any(Light.MOST_BYTES);
            var flowsBefore = any(Light.MOST);
            var packetsBefore = any(Light.MOST);
            var bytesBefore = (any(Light.MOST_BYTES) + 255) / 256 * 256;
            var moreFlows = any(Light.MOST - 1);
            var morePackets = any(Light.MOST - 1);
            var moreBytes = any(Light.MOST_BYTES - 1);
            assertThat(Light.small(moreFlows, morePackets, moreBytes)).isTrue();

            var below = Light.below(
                    tops,
                    1,
                    Light.pair(flows, packets) + (moreFlows << 32 | morePackets),
                    Light.pair(flowsBefore, packetsBefore),
                    Light.moreBytes(Light.bytes(bytes, bytesBefore), moreBytes));

            assertThat(below)
                    .isEqualTo(flows + flowsBefore + moreFlows < promotion[Floors.SUMS]
                            && packets + packetsBefore + morePackets < promotion[Floors.SUMS + 1]
                            && bytes + bytesBefore + moreBytes < promotion[Floors.SUMS + 2]);
        }
    }

    @Test
    void whatCouldLeaveItsHalfOfAWordIsNotSmall() {
        assertThat(Light.small(Light.MOST, 0, 0)).isFalse();
        assertThat(Light.small(0, 1L << 36, 0)).isFalse();
        assertThat(Light.small(0, 0, Light.MOST_BYTES)).isFalse();
        assertThat(Light.small(0, 0, 1L << 42)).isFalse();
        assertThat(Light.small(Light.MOST - 1, Light.MOST - 1, Light.MOST_BYTES - 1))
                .isTrue();
    }

    @Test
    void sumsStopAtTheMostWithoutTouchingTheOtherHalf() {
        var pair = Light.pair(Light.MOST + 5L, 1L << 40);

        assertThat(Light.upper(pair)).isEqualTo(Light.MOST);
        assertThat(Light.lower(pair)).isEqualTo(Light.MOST);

        var bytes = Light.bytes(Light.MOST_BYTES + 5, 1L << 40);

        assertThat(Light.presentBytes(bytes)).isEqualTo(Light.MOST_BYTES);
        assertThat(Light.bytesBefore(bytes)).isEqualTo(Light.MOST_BYTES);
    }

    @Test
    void bytesOfTheBlockBeforeAreNeverLessThanTheyWere() {
        for (var sample = 0; sample < SAMPLES; sample++) {
            var present = any(Light.MOST_BYTES);
            var slot = new long[HostTable.SLOT];
            slot[HostTable.BYTES] = Light.bytes(present, any(Light.MOST_BYTES));

            Light.roll(slot, 0, true);

            assertThat(Light.presentBytes(slot[HostTable.BYTES])).isZero();
            assertThat(Light.bytesBefore(slot[HostTable.BYTES])).isBetween(present, present + 255);
        }
    }
}
