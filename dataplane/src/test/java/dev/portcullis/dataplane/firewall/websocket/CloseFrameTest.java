package dev.portcullis.dataplane.firewall.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CloseFrameTest {
    private static final String WHY = "blocked: dlp aws-key (request r-1)";

    @Test
    void aClientReadsCodeAndReason() {
        var frame = CloseFrame.toClient(UnpooledByteBufAllocator.DEFAULT, 1008, WHY);

        assertThat(frame.readUnsignedByte()).isEqualTo((short) 0x88);
        assertThat(frame.readUnsignedByte()).isEqualTo((short) (2 + WHY.length()));
        assertThat(frame.readUnsignedShort()).isEqualTo(1008);
        assertThat(frame.toString(StandardCharsets.US_ASCII)).isEqualTo(WHY);
        frame.release();
    }

    @Test
    void aServerReadsTheSameBehindTheMask() {
        var frame = CloseFrame.toServer(UnpooledByteBufAllocator.DEFAULT, 1001, WHY);

        assertThat(frame.readUnsignedByte()).isEqualTo((short) 0x88);
        assertThat(frame.readUnsignedByte()).isEqualTo((short) (0x80 | 2 + WHY.length()));
        var payload = unmasked(frame);
        assertThat(payload.readUnsignedShort()).isEqualTo(1001);
        assertThat(payload.toString(StandardCharsets.US_ASCII)).isEqualTo(WHY);
        frame.release();
    }

    @Test
    void aReasonIsCutToWhatAControlFrameHolds() {
        var frame = CloseFrame.toClient(UnpooledByteBufAllocator.DEFAULT, 1008, "x".repeat(500));

        assertThat(frame.readableBytes()).isEqualTo(2 + 125);
        assertThat(frame.getUnsignedByte(1)).isEqualTo((short) 125);
        frame.release();
    }

    private static ByteBuf unmasked(ByteBuf masked) {
        var mask = new byte[4];
        masked.readBytes(mask);
        for (var i = 0; i < masked.readableBytes(); i++) {
            masked.setByte(masked.readerIndex() + i, masked.getByte(masked.readerIndex() + i) ^ mask[i & 3]);
        }
        return masked;
    }
}
