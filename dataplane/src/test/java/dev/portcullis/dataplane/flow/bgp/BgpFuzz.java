package dev.portcullis.dataplane.flow.bgp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Fuzz target of what a BGP neighbour sends: the same messages come out however the bytes are cut, nothing after the first
 * that is malformed, and no buffer is left.
 */
public final class BgpFuzz {
    private BgpFuzz() {}

    /** Tries one stream. */
    public static void run(byte[] input) {
        assertThat(messages(input, 5)).isEqualTo(messages(input, Math.max(1, input.length)));
    }

    private static List<String> messages(byte[] input, int piece) {
        var memory = new UnpooledByteBufAllocator(false, true);
        var channel = new EmbeddedChannel(new MessageCodec());
        channel.config().setAllocator(memory);
        for (var at = 0; at < input.length; at += piece) {
            channel.writeInbound(memory.heapBuffer().writeBytes(input, at, Math.min(piece, input.length - at)));
        }
        channel.finish();
        var all = new ArrayList<String>();
        Object next;
        while ((next = channel.readInbound()) != null) {
            assertThat(all).doesNotContain("Malformed");
            all.add(next.getClass().getSimpleName());
        }
        assertThat(memory.metric().usedHeapMemory()).isZero();
        return all;
    }
}
