package dev.portcullis.dataplane.firewall.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProxyListenerTest {
    private final EventLoops loops = EventLoops.open("listener-test", 2);
    private final ConcurrentHashMap<String, Integer> accepted = new ConcurrentHashMap<>();

    private ProxyListener open(int port) throws IOException {
        return ProxyListener.open(loops, "The proxy", "127.0.0.1", port, new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                accepted.merge(Thread.currentThread().getName(), 1, Integer::sum);
                channel.close();
            }
        });
    }

    @AfterEach
    void end() {
        loops.group().shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    @Test
    void everyLoopAcceptsConnectionsToOnePort() throws IOException {
        try (var listener = open(0)) {
            for (var i = 0; i < 200; i++) {
                new Socket("127.0.0.1", listener.port()).close();
            }
            await().untilAsserted(() -> assertThat(accepted.values().stream()
                            .mapToInt(Integer::intValue)
                            .sum())
                    .isEqualTo(200));
            assertThat(accepted).hasSize(2);
        }
    }

    @Test
    void aPortOfAnotherProcessIsTakenEvenWhereThatOneWouldShareIt() throws IOException {
        try (var other = new ServerSocket()) {
            other.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

            assertThatThrownBy(() -> open(other.getLocalPort()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("The proxy cannot listen on 127.0.0.1 port " + other.getLocalPort());
        }
    }

    @Test
    void aPortThatWasClosedCanBeOpenedAgain() throws IOException {
        var first = open(0);
        var port = first.port();
        first.close();

        try (var second = open(port)) {
            assertThat(second.port()).isEqualTo(port);
            new Socket("127.0.0.1", port).close();
        }
    }

    @Test
    void whoeverConnectsFirstIsNotReset() throws Exception {
        for (var i = 0; i < 50; i++) {
            int port;
            try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            var first = CompletableFuture.supplyAsync(() -> untilAccepted(port));
            try (var listener = open(port)) {
                assertThat(listener.port()).isEqualTo(port);
                assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo(-1);
            }
        }
    }

    /** What a client that asks until it is let in reads: -1 for a connection that ended as it should. */
    private static int untilAccepted(int port) {
        while (true) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.getInputStream().read();
            } catch (ConnectException e) {
                Thread.onSpinWait();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
