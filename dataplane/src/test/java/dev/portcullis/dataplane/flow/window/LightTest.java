package dev.portcullis.dataplane.flow.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sums that share words, beside sums that do not. */
class LightTest {
    private static final int SAMPLES = 200_000;

    private final Random random = new Random(5);

    /** Of every order of magnitude, and often one of the two that are at an edge. */
    private long any(int most) {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> most;
            default -> random.nextInt(most) >>> random.nextInt(30);
        };
    }

    @Test
    void threeSumsAreComparedWithTheirLimitsAsIfEachHadAWordOfItsOwn() {
        for (var sample = 0; sample < SAMPLES; sample++) {
            var promotion = new int[2 * Floors.SUMS];
            for (var i = 0; i < promotion.length; i++) {
                promotion[i] = (int) Math.max(1, any(Light.MOST));
            }
            var tops = Light.tops(promotion);
            var flows = any(Light.MOST);
            var packets = any(Light.MOST);
            var bytes = any(Light.MOST);
            var flowsBefore = any(Light.MOST);
            var packetsBefore = any(Light.MOST);
            var bytesBefore = any(Light.MOST);
            var moreFlows = any(Light.MOST - 1);
            var morePackets = any(Light.MOST - 1);
            var moreBytes = any(Light.MOST - 1);
            assertThat(Light.small(moreFlows, morePackets, moreBytes)).isTrue();

            var below = Light.below(
                    tops,
                    1,
                    Light.pair(flows, packets) + (moreFlows << 32 | morePackets),
                    Light.pair(flowsBefore, packetsBefore),
                    Light.pair(bytes, bytesBefore) + (moreBytes << 32));

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
        assertThat(Light.small(0, 0, 1L << 42)).isFalse();
        assertThat(Light.small(Light.MOST - 1, Light.MOST - 1, Light.MOST - 1)).isTrue();
    }

    @Test
    void sumsStopAtTheMostWithoutTouchingTheOtherHalf() {
        var pair = Light.pair(Light.MOST + 5L, 1L << 40);

        assertThat(Light.upper(pair)).isEqualTo(Light.MOST);
        assertThat(Light.lower(pair)).isEqualTo(Light.MOST);
    }
}
