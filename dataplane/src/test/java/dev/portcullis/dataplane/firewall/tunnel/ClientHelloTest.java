package dev.portcullis.dataplane.firewall.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.tunnel.ClientHello.Kind;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClientHelloTest {
    private static ClientHello.Result read(byte... bytes) {
        return ClientHello.read(Unpooled.wrappedBuffer(bytes));
    }

    @Test
    void theNameIsRead() {
        assertThat(read(Hello.of("Example.COM"))).isEqualTo(new ClientHello.Result(Kind.NAMED, "example.com", false));
    }

    @Test
    void anEncryptedHelloIsSeenBesideTheOuterName() {
        assertThat(read(Hello.encrypted("public.test")))
                .isEqualTo(new ClientHello.Result(Kind.NAMED, "public.test", true));
    }

    @Test
    void theNameIsReadFromManyRecords() {
        for (var size : new int[] {1, 2, 3, 5, 40}) {
            assertThat(read(Hello.split("example.com", size)).name()).isEqualTo("example.com");
        }
    }

    @Test
    void everyTruncationIsIncompleteAndNothingElse() {
        for (var whole : new byte[][] {Hello.of("example.com"), Hello.split("example.com", 7)}) {
            for (var length = 0; length < whole.length; length++) {
                assertThat(read(Arrays.copyOf(whole, length)).kind())
                        .as("the first %s bytes", length)
                        .isEqualTo(Kind.INCOMPLETE);
            }
        }
    }

    @Test
    void withoutTheExtensionThereIsNoName() {
        assertThat(read(Hello.of(null)).kind()).isEqualTo(Kind.NO_NAME);
    }

    @Test
    void otherProtocolsAreNotTls() {
        assertThat(read("GET / HTTP/1.1\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        .kind())
                .isEqualTo(Kind.NOT_TLS);
        assertThat(read((byte) 22, (byte) 9).kind()).isEqualTo(Kind.NOT_TLS);
        assertThat(read((byte) 0x80, (byte) 0x2e).kind()).isEqualTo(Kind.NOT_TLS);
    }

    @Test
    void aRecordOrMessageThatLiesAboutItsLengthIsMalformed() {
        assertThat(read(new byte[] {22, 3, 1, 0, 0}).kind()).isEqualTo(Kind.MALFORMED);
        assertThat(read(new byte[] {22, 3, 1, (byte) 0xff, (byte) 0xff}).kind()).isEqualTo(Kind.MALFORMED);
        assertThat(read(new byte[] {22, 3, 1, 0, 4, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff})
                        .kind())
                .isEqualTo(Kind.MALFORMED);
        assertThat(read(new byte[] {22, 3, 1, 0, 4, 2, 0, 0, 0}).kind()).isEqualTo(Kind.MALFORMED);
    }

    @Test
    void everySingleCorruptedByteGivesAnAnswer() {
        var whole = Hello.of("example.com");
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++) {
            var bytes = whole.clone();
            for (var change = 0; change <= round % 3; change++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            var result = read(bytes);
            assertThat(result.name() != null).isEqualTo(result.kind() == Kind.NAMED);
        }
    }

    @Test
    void aHelloThatNeverEndsIsMalformed() {
        var endless = Unpooled.buffer();
        while (endless.readableBytes() < 20_000) {
            endless.writeByte(22).writeShort(0x0303).writeShort(1).writeByte(endless.readableBytes() < 6 ? 1 : 0);
        }
        assertThat(ClientHello.read(endless).kind()).isEqualTo(Kind.MALFORMED);
    }
}
