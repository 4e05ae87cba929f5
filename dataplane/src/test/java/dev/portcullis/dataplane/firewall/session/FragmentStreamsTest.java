package dev.portcullis.dataplane.firewall.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FragmentStreamsTest {
    private static final long WINDOW = 1_000;
    private static final FragmentStreams.Seam NOTHING = (text, seam, length) -> false;

    private static boolean append(
            FragmentStreams streams, String name, String value, long now, FragmentStreams.Seam seam) {
        var bytes = value.getBytes(StandardCharsets.US_ASCII);
        return streams.append(name, bytes, 0, bytes.length, 8, now, WINDOW, seam);
    }

    @Test
    void whateverIsSentMemoryStaysWithinItsBound() {
        var random = new Random(7);
        var streams = new FragmentStreams();
        for (var i = 0; i < 20_000; i++) {
            var value = "x".repeat(random.nextInt(5) == 0 ? random.nextInt(5_000) : random.nextInt(40));
            var refuse = random.nextInt(10) == 0;
            append(streams, "name" + random.nextInt(20), value, i, (text, seam, length) -> refuse);
            assertThat(streams.held()).isBetween(0, 8 * FragmentStreams.TAIL);
        }
    }

    @Test
    void aSeamShowsTheEndOfWhatWasSentAndTheBeginningOfWhatIs() {
        var streams = new FragmentStreams();
        var seen = new ArrayList<String>();
        FragmentStreams.Seam seam = (text, at, length) -> {
            seen.add(new String(text, 0, at, StandardCharsets.US_ASCII) + "|"
                    + new String(text, at, length - at, StandardCharsets.US_ASCII));
            return false;
        };
        append(streams, "a", "one", 0, seam);
        append(streams, "b", "other", 0, seam);
        append(streams, "a", "two", 1, seam);
        append(streams, "a", "three", 2, seam);
        assertThat(seen).containsExactly("one|two", "onetwo|three");
    }

    @Test
    void whatIsRefusedIsNotKept() {
        var streams = new FragmentStreams();
        append(streams, "a", "one", 0, NOTHING);
        assertThat(append(streams, "a", "two", 1, (text, seam, length) -> true)).isTrue();
        assertThat(streams.held()).isEqualTo(3);
    }

    @Test
    void aNameThatWasSilentForTheWindowBeginsAnew() {
        var streams = new FragmentStreams();
        append(streams, "a", "one", 0, NOTHING);
        assertThat(append(streams, "a", "two", WINDOW + 1, (text, seam, length) -> true))
                .isFalse();
        assertThat(streams.held()).isEqualTo(3);
    }

    @Test
    void aStreamIsCutBetweenGroupsSoThatWrappedTextKeepsItsAlignment() {
        var streams = new FragmentStreams();
        var lengths = new ArrayList<Integer>();
        var sent = 0;
        for (var i = 0; i < 200; i++) {
            append(streams, "a", "x".repeat(7), i, (text, seam, length) -> {
                lengths.add(seam);
                return false;
            });
            sent += 7;
            assertThat((sent - streams.held()) % 8).isZero();
        }
        assertThat(lengths).allMatch(length -> length <= FragmentStreams.TAIL);
        assertThat(streams.held()).isGreaterThan(FragmentStreams.TAIL - 8);
    }
}
