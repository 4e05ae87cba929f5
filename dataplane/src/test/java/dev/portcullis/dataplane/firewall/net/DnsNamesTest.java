package dev.portcullis.dataplane.firewall.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How long answers of a DNS server on loopback are kept. */
@Timeout(120)
class DnsNamesTest {
    private final EventLoops loops = EventLoops.open("dns-test", 1);
    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile int ttl;
    private DatagramSocket server;
    private DnsNames names;

    @BeforeEach
    void start() throws IOException {
        server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(this::serve);
        names = new DnsNames(
                loops,
                new SingletonDnsServerAddressStreamProvider(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort())),
                now::get);
    }

    @AfterEach
    void end() {
        names.close();
        server.close();
        loops.group().shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private void serve() {
        var bytes = new byte[1500];
        try {
            while (true) {
                var packet = new DatagramPacket(bytes, bytes.length);
                server.receive(packet);
                var reply = answer(Arrays.copyOf(bytes, packet.getLength()));
                server.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    /** One A record of {@link #ttl}; no record of any other type (RFC 1035 section 4.1). */
    private byte[] answer(byte[] query) {
        var end = 12;
        while (query[end] != 0) {
            end += 1 + query[end];
        }
        end += 5;
        var isAddress = query[end - 3] == 1;
        var reply = new ByteArrayOutputStream();
        reply.writeBytes(ByteBuffer.allocate(12)
                .put(query, 0, 2)
                .putShort((short) 0x8180)
                .putShort((short) 1)
                .putShort((short) (isAddress ? 1 : 0))
                .array());
        reply.write(query, 12, end - 12);
        if (isAddress) {
            asked.incrementAndGet();
            reply.writeBytes(ByteBuffer.allocate(16)
                    .putShort((short) 0xc00c)
                    .putShort((short) 1)
                    .putShort((short) 1)
                    .putInt(ttl)
                    .putShort((short) 4)
                    .put(new byte[] {(byte) 192, 0, 2, 7})
                    .array());
        }
        return reply.toByteArray();
    }

    private List<InetAddress> resolve(String name) throws Exception {
        EventLoop loop = loops.group().next();
        return loop.submit(() -> names.resolve(loop, name)).get().get();
    }

    private int askedAfter(int seconds, String name) throws Exception {
        now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        assertThat(resolve(name)).containsExactly(InetAddress.getByName("192.0.2.7"));
        return asked.get();
    }

    @Test
    void anAnswerIsKeptForAsLongAsItsRecordSays() throws Exception {
        ttl = 5;
        assertThat(askedAfter(0, "five.example")).isEqualTo(1);
        assertThat(askedAfter(4, "five.example")).isEqualTo(1);
        assertThat(askedAfter(2, "five.example")).isEqualTo(2);
    }

    @Test
    void aLongLivedRecordIsAskedForAgainAfterAMinute() throws Exception {
        ttl = 86_400;
        assertThat(askedAfter(0, "long.example")).isEqualTo(1);
        assertThat(askedAfter(59, "long.example")).isEqualTo(1);
        assertThat(askedAfter(2, "long.example")).isEqualTo(2);
    }

    @Test
    void aRecordThatIsNotToBeKeptIsKeptForASecond() throws Exception {
        ttl = 0;
        assertThat(askedAfter(0, "zero.example")).isEqualTo(1);
        assertThat(askedAfter(0, "zero.example")).isEqualTo(1);
        assertThat(askedAfter(2, "zero.example")).isEqualTo(2);
    }
}
