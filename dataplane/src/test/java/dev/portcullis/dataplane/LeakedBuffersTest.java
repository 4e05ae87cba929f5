package dev.portcullis.dataplane;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

/** The watch over buffers sees one that is lost. */
class LeakedBuffersTest {
    private static void lose() {
        PooledByteBufAllocator.DEFAULT.directBuffer(16).writeByte(1);
    }

    @Test
    void aBufferThatNobodyReleasesIsTold() {
        lose();
        assertThatThrownBy(LeakedBuffers::check)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("was not released");
        LeakedBuffers.check();
    }
}
