package dev.portcullis.dataplane.flow.bgp;

import static dev.portcullis.dataplane.flow.bgp.Policies.bgp;
import static dev.portcullis.dataplane.flow.bgp.Policies.neighbor;
import static dev.portcullis.dataplane.flow.bgp.Wire.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Family;
import dev.portcullis.dataplane.flow.mitigate.Announcement;
import dev.portcullis.dataplane.metrics.BgpMetrics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;

/** One session to a neighbour that a test plays, in virtual time. */
abstract class SessionInVirtualTime {
    static final long REMOTE = 65004;
    static final String END_OF_RIB_V4 = "2 00000000";
    static final String KEEPALIVE = "4 ";

    final VirtualTime time = new VirtualTime();
    final PrometheusRegistry registry = new PrometheusRegistry();
    final BgpMetrics metrics = new BgpMetrics(registry);
    final List<EmbeddedChannel> dialled = new ArrayList<>();
    RouteTable table = RouteTable.EMPTY;
    boolean refusing;
    Session session = session(Family.values());

    @AfterEach
    void release() {
        dialled.forEach(EmbeddedChannel::finishAndReleaseAll);
    }

    Session session(Family... families) {
        return session(Policies.peer(bgp("90s", neighbor("edge", "192.0.2.4", 179, REMOTE, families))));
    }

    Session session(Peer peer) {
        return new Session(
                peer, this::dial, time, Timings.STANDARD, time, new Random(1), () -> table, metrics.peer("edge"));
    }

    ChannelFuture dial(Peer peer, ChannelHandler handler) {
        var channel = new EmbeddedChannel(handler);
        dialled.add(channel);
        if (refusing) {
            return channel.newFailedFuture(new ConnectException("Connection refused"));
        }
        return channel.newSucceededFuture();
    }

    void establish() {
        session.start();
        receive(Wire.open(REMOTE, 90));
        sent();
        receive(Wire.KEEPALIVE);
        assertState("Established");
    }

    void announce(Announcement... announcements) {
        table = RouteTable.of(List.of(announcements), 1_000, (refusal, why) -> {
            throw new AssertionError(why);
        });
    }

    EmbeddedChannel last() {
        return dialled.getLast();
    }

    void receive(byte[] message) {
        last().writeInbound(Unpooled.copiedBuffer(message));
    }

    void writable(boolean writable) {
        var buffer = last().unsafe().outboundBuffer();
        buffer.setUserDefinedWritability(1, writable);
        last().runPendingTasks();
    }

    /** What was sent since the last call, each as its type and the hex of its body. */
    List<String> sent() {
        var messages = new ArrayList<String>();
        for (ByteBuf message = last().readOutbound(); message != null; message = last().readOutbound()) {
            var bytes = new byte[message.readableBytes()];
            message.readBytes(bytes).release();
            messages.add(Wire.type(bytes) + " " + Wire.body(bytes));
        }
        return messages;
    }

    void assertRefused(String error) {
        assertThat(sent()).singleElement().satisfies(message -> {
            var code =
                    Integer.parseInt(message.substring(2, 4), 16) + "/" + Integer.parseInt(message.substring(4, 6), 16);
            assertThat(message).startsWith("3 ");
            assertThat(code).isEqualTo(error);
        });
        assertState("Idle");
        assertThat(session.state().lastError()).startsWith("sent ").contains("(" + error + ")");
        assertThat(last().isOpen()).isFalse();
    }

    void assertState(String state) {
        assertThat(session.state().state()).isEqualTo(state);
    }

    static String body(int type) {
        return switch (type) {
            case 2 -> "00000000";
            case 5 -> "00010001";
            default -> "";
        };
    }

    double drops() {
        return counter("portcullis_bgp_session_drops", "peer", "edge");
    }

    double notifications(String direction) {
        return counter("portcullis_bgp_notifications", "direction", direction);
    }

    double counter(String name, String label, String value) {
        return registry.scrape(name::equals).stream()
                .flatMap(snapshot -> ((CounterSnapshot) snapshot).getDataPoints().stream())
                .filter(point -> value.equals(point.getLabels().get(label)))
                .mapToDouble(CounterSnapshot.CounterDataPointSnapshot::getValue)
                .sum();
    }
}
