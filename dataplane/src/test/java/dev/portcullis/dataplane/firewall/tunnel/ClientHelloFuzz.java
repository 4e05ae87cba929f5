package dev.portcullis.dataplane.firewall.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;

/** Fuzz target of the first bytes of a tunnel: what was decided stays decided when more bytes come. */
public final class ClientHelloFuzz {
    private ClientHelloFuzz() {}

    /** Tries one beginning. */
    public static void run(byte[] input) {
        var whole = ClientHello.read(Unpooled.wrappedBuffer(input));
        assertThat(whole.name() != null).isEqualTo(whole.kind() == ClientHello.Kind.NAMED);
        if (whole.name() != null) {
            assertThat(whole.name()).isNotEmpty().hasSizeLessThanOrEqualTo(255);
        }
        for (var length = 0; length < input.length; length += 1 + length / 4) {
            var part = ClientHello.read(Unpooled.wrappedBuffer(input, 0, length));
            if (part.kind() != ClientHello.Kind.INCOMPLETE) {
                assertThat(whole).isEqualTo(part);
            }
        }
    }
}
