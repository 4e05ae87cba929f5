package dev.portcullis.dataplane.firewall.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2Exception;
import org.junit.jupiter.api.Test;

class Http2FrameLimitTest {
    private static final int EARNED_AT_MOST = 16_000;

    private final EmbeddedChannel channel = new EmbeddedChannel(new Http2FrameLimit(false, () -> 0));

    /** A PING (RFC 9113 section 6.7). */
    private static ByteBuf ping() {
        return Unpooled.buffer()
                .writeMedium(8)
                .writeByte(6)
                .writeByte(0)
                .writeInt(0)
                .writeLong(1);
    }

    private void write(int buffers) {
        for (var i = 0; i < buffers; i++) {
            channel.writeOutbound(Unpooled.buffer().writeZero(64));
            channel.<ByteBuf>readOutbound().release();
        }
    }

    private void read(int pings) {
        for (var i = 0; i < pings; i++) {
            channel.writeInbound(ping());
            channel.<ByteBuf>readInbound().release();
        }
    }

    @Test
    void whatIsWrittenPaysForWhatAnswersIt() {
        write(100);

        read(Http2FrameLimit.FRAMES + 400);
        assertThatThrownBy(() -> channel.writeInbound(ping())).isInstanceOf(Http2Exception.class);
    }

    @Test
    void aLongTransferPaysForNoFlood() {
        write(1_000_000);

        read(EARNED_AT_MOST);
        assertThatThrownBy(() -> channel.writeInbound(ping()))
                .isInstanceOf(Http2Exception.class)
                .hasMessageContaining("carry nothing");
        assertThat(channel.<ByteBuf>readInbound()).isNull();
    }
}
