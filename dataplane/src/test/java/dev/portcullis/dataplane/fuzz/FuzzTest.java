package dev.portcullis.dataplane.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Replays the corpus of every target, then mutations of it. {@code -Dfuzz.times=N} makes the run N times as long,
 * {@code -Dfuzz.seed=N} another one. What fails goes into the corpus.
 */
class FuzzTest {
    private static final int TIMES = Integer.getInteger("fuzz.times", 1);
    private static final long SEED = Long.getLong("fuzz.seed", 20_261_125);

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whatWasKeptBreaksNothing(FuzzTargets target) {
        var corpus = Corpus.of(target);
        assertThat(corpus).isNotEmpty();
        for (var input : corpus) {
            // Each as the first one seen: a kept input fails by itself.
            attempt(target.open(), input.bytes(), input.name());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void mutationsBreakNothing(FuzzTargets target) {
        var opened = target.open();
        var mutations = new Mutations(
                Corpus.of(target).stream().map(Corpus.Input::bytes).toList(), SEED);
        for (var i = 0L; i < (long) target.iterations() * TIMES; i++) {
            attempt(opened, mutations.next(), "mutation " + i + " of seed " + SEED);
        }
    }

    private static void attempt(FuzzTarget target, byte[] input, String name) {
        try {
            target.run(input);
        } catch (Throwable e) {
            throw new AssertionError(name + ": " + HexFormat.of().formatHex(input), e);
        }
    }
}
