package dev.portcullis.dataplane.firewall.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;

/** Fuzz target of WebSocket frames: the first byte says whose they are. */
public final class FrameFuzz {
    private static final int LARGEST = 4096;

    private FrameFuzz() {}

    /** Tries the frames in {@code input}. */
    public static void run(byte[] input) {
        if (input.length == 0) {
            return;
        }
        var in = Unpooled.wrappedBuffer(input, 1, input.length - 1);
        var reader = new FrameReader((input[0] & 1) != 0, LARGEST);
        var text = new MessageText();
        try {
            while (reader.look(in)) {
                assertThat(reader.length()).isBetween(2, in.readableBytes());
                assertThat(reader.payloadLength()).isBetween(0, LARGEST);
                text.add(in, in.readerIndex() + reader.headerLength(), reader.payloadLength(), reader.mask());
                in.skipBytes(reader.length());
                if (reader.last()) {
                    text.isUtf8();
                    assertThat(text.view().remaining()).isEqualTo(text.length());
                    text.clear();
                }
            }
        } catch (ProtocolViolation e) {
            assertThat(e.sentence()).isNotBlank();
            assertThat(e.code()).isBetween(1000, 1015);
        }
    }
}
