package dev.portcullis.dataplane.flow.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DatagramBatchTest {
    private final byte[] into = new byte[FlowDecoder.MOST_BYTES];
    private MultiThreadIoEventLoopGroup loops;
    private EpollDatagramChannel channel;
    private DatagramBatch batch;

    @BeforeEach
    void bind() {
        assumeTrue(Epoll.isAvailable(), "no epoll on this machine");
        loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        channel = (EpollDatagramChannel) new Bootstrap()
                .group(loops)
                .channel(EpollDatagramChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_RCVBUF, 4 << 20)
                .handler(new ChannelInboundHandlerAdapter())
                .bind(new InetSocketAddress("::", 0))
                .syncUninterruptibly()
                .channel();
        batch = new DatagramBatch();
    }

    @AfterEach
    void close() {
        channel.close().syncUninterruptibly();
        loops.shutdownGracefully();
    }

    private int receive() throws IOException {
        return batch.receive(channel.fd().intValue());
    }

    private static void send(String from, String to, int port, byte[]... payloads) throws IOException {
        try (var socket = new DatagramSocket(new InetSocketAddress(from, 0))) {
            for (var payload : payloads) {
                socket.send(new DatagramPacket(payload, payload.length, new InetSocketAddress(to, port)));
            }
        }
    }

    private byte[] datagram(int i) {
        return Arrays.copyOf(into, batch.copy(i, into));
    }

    private static byte[] filled(int length, int value) {
        var bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    void preparingNeedsNoSocketAndDisturbsNone() throws IOException {
        DatagramBatch.prepare();

        assertThat(batch.receive(channel.fd().intValue())).isZero();
    }

    @Test
    void nothingWaits() throws IOException {
        assertThat(receive()).isZero();
        assertThat(batch.bytes()).isZero();
    }

    @Test
    void datagramsComeWithTheirSendersInBothFamilies() throws IOException {
        var port = channel.localAddress().getPort();
        send("127.0.0.5", "127.0.0.1", port, filled(10, 1), new byte[0]);
        send("127.0.0.6", "127.0.0.1", port, filled(1464, 2));
        send("::1", "::1", port, filled(20, 3));

        assertThat(receive()).isEqualTo(4);

        assertThat(datagram(0)).isEqualTo(filled(10, 1));
        assertThat(datagram(1)).isEmpty();
        assertThat(datagram(2)).isEqualTo(filled(1464, 2));
        assertThat(datagram(3)).isEqualTo(filled(20, 3));
        assertThat(batch.bytes()).isEqualTo(1494);
        assertThat(batch.sender(0)).isEqualTo(InetAddress.ofLiteral("127.0.0.5"));
        assertThat(batch.sameSender(0, 1)).isTrue();
        assertThat(batch.sameSender(1, 2)).isFalse();
        assertThat(batch.sender(2)).isEqualTo(InetAddress.ofLiteral("127.0.0.6"));
        assertThat(batch.sender(3)).isEqualTo(InetAddress.ofLiteral("::1"));
        assertThat(batch.sameSender(2, 3)).isFalse();
    }

    @Test
    void oneThatIsTooLongIsCutOffAndDisturbsNoNeighbour() throws IOException {
        send(
                "127.0.0.1",
                "127.0.0.1",
                channel.localAddress().getPort(),
                filled(100, 1),
                filled(60_000, 2),
                filled(9216, 3),
                filled(1, 4));

        assertThat(receive()).isEqualTo(4);

        assertThat(datagram(0)).isEqualTo(filled(100, 1));
        assertThat(datagram(1)).isEqualTo(filled(DatagramBatch.MOST_BYTES, 2));
        assertThat(datagram(2)).isEqualTo(filled(9216, 3));
        assertThat(datagram(3)).isEqualTo(filled(1, 4));
    }

    @Test
    void moreThanABatchTakesSeveralAndTheMemoryIsUsedAgain() throws IOException {
        var payloads = new byte[150][];
        Arrays.setAll(payloads, i -> filled(1 + i, i));
        send("127.0.0.1", "127.0.0.1", channel.localAddress().getPort(), payloads);

        for (var from = 0; from < 150; ) {
            var count = receive();
            assertThat(count).isEqualTo(Math.min(DatagramBatch.SIZE, 150 - from));
            for (var i = 0; i < count; i++) {
                assertThat(datagram(i)).isEqualTo(payloads[from + i]);
                assertThat(batch.sender(i)).isEqualTo(InetAddress.ofLiteral("127.0.0.1"));
            }
            from += count;
        }
        assertThat(receive()).isZero();
    }

    @Test
    void whatIsNoSocketIsAnErrorThatSaysWhich() {
        assertThatThrownBy(() -> batch.receive(-1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("errno 9");
    }
}
