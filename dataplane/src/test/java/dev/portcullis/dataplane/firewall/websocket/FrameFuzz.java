package dev.portcullis.dataplane.firewall.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/**
 * Fuzz target of WebSocket frames: the first byte says whose they are. Frames lie within what was read, and they are the same
 * ones when every byte comes alone.
 */
public final class FrameFuzz {
    private static final int LARGEST = 4096;

    private FrameFuzz() {}

    /** Tries the frames in {@code input}. */
    public static void run(byte[] input) {
        if (input.length > 0) {
            assertThat(frames(input, 1)).isEqualTo(frames(input, input.length));
        }
    }

    private static List<String> frames(byte[] input, int piece) {
        var frames = new ArrayList<String>();
        var in = Unpooled.buffer(input.length);
        var reader = new FrameReader((input[0] & 1) != 0, LARGEST);
        var text = new MessageText();
        try {
            for (var at = 1; at < input.length; at += piece) {
                in.writeBytes(input, at, Math.min(piece, input.length - at));
                while (reader.look(in)) {
                    assertThat(reader.length()).isBetween(2, in.readableBytes());
                    assertThat(reader.payloadLength()).isBetween(0, LARGEST);
                    text.add(in, in.readerIndex() + reader.headerLength(), reader.payloadLength(), reader.mask());
                    in.skipBytes(reader.length());
                    frames.add(reader.last() + " " + reader.length() + " " + text.isUtf8());
                    if (reader.last()) {
                        assertThat(text.view().remaining()).isEqualTo(text.length());
                        text.clear();
                    }
                }
            }
        } catch (ProtocolViolation e) {
            assertThat(e.sentence()).isNotBlank();
            assertThat(e.code()).isBetween(1000, 1015);
            frames.add(e.code() + " " + e.sentence());
        }
        return frames;
    }
}
