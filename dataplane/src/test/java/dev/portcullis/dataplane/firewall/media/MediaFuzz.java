package dev.portcullis.dataplane.firewall.media;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.MediaSpec.ImageFormat;
import dev.portcullis.crd.v1alpha1.MediaSpec.OnMedia;
import dev.portcullis.dataplane.firewall.scan.Finding;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Consumer;

/** Fuzz target of bodies under the media policy: of any kind, in one piece and byte by byte. */
public final class MediaFuzz {
    private static final MediaPolicy POLICY =
            new MediaPolicy(EnumSet.allOf(ImageFormat.class), 1 << 20, OnMedia.Block, OnMedia.Block, true, true);

    private MediaFuzz() {}

    private record Result(byte[] body, List<String> rules) {}

    /** Tries {@code input} as a body without a type. */
    public static void run(byte[] input) {
        var whole = pass(input, Math.max(1, input.length));
        assertThat(whole.body().length).isLessThanOrEqualTo(input.length);
        var pieces = pass(input, 1 + input.length % 7);
        assertThat(pieces.rules()).isEqualTo(whole.rules());
        if (whole.rules().isEmpty()) {
            assertThat(pieces.body()).isEqualTo(whole.body());
            var again = pass(whole.body(), 64);
            assertThat(again.rules()).isEmpty();
            assertThat(again.body()).isEqualTo(whole.body());
        }
    }

    private static Result pass(byte[] body, int step) {
        var out = new ByteArrayOutputStream();
        Consumer<ByteBuf> sink = bytes -> {
            var copy = new byte[bytes.readableBytes()];
            bytes.readBytes(copy);
            out.writeBytes(copy);
            bytes.release();
        };
        try (var rewrite = new MediaRewrite(POLICY, "", false, -1, UnpooledByteBufAllocator.DEFAULT)) {
            for (var at = 0; at < body.length; at += step) {
                rewrite.feed(Unpooled.copiedBuffer(body, at, Math.min(step, body.length - at)), sink);
            }
            rewrite.finish(sink);
            return new Result(
                    out.toByteArray(),
                    rewrite.findings().stream().map(Finding::rule).toList());
        }
    }
}
