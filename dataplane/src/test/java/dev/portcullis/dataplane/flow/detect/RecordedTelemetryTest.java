package dev.portcullis.dataplane.flow.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.TestPolicies;
import dev.portcullis.dataplane.flow.decode.Exporter;
import dev.portcullis.dataplane.flow.decode.ExporterBudget;
import dev.portcullis.dataplane.flow.decode.FlowDecoder;
import dev.portcullis.dataplane.flow.window.FlowWindow;
import dev.portcullis.dataplane.flow.window.WindowLimits;
import dev.portcullis.dataplane.flow.window.WindowSums;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What real exporters told of a real flood, as {@code tools/telemetry/record} recorded it, through decoder, window and decision
 * at the times at which it came: softflowd with an active timeout of 5 s, and pmacct's probe sampling 1 in 200. The flood on
 * 203.0.113.10 begins 6 s after the first packets and ends after 14.
 */
class RecordedTelemetryTest {
    private static final long ORIGIN = 3_600_000;
    private static final int QUIET_SECONDS = 40;

    private final FlowPolicy policy = TestPolicies.policy("""
            networks: ["203.0.113.0/24"]
            thresholds: {packetsPerSecond: 5k}
            hysteresis: 10s
            api: {allowUnauthenticated: true}
            """);
    private final Detector detector = new Detector();
    private final List<Attack> started = new ArrayList<>();
    private final List<Attack> ended = new ArrayList<>();

    /** A datagram and when it came, in milliseconds since the first of its recording. */
    private record Arrival(long millis, byte[] datagram) {}

    private static List<Arrival> recording(String name) throws IOException {
        var arrivals = new ArrayList<Arrival>();
        try (var in = new DataInputStream(Objects.requireNonNull(
                RecordedTelemetryTest.class.getResourceAsStream("recordings/" + name + ".pcap")))) {
            assertThat(in.readInt()).isEqualTo(0xA1B2_C3D4);
            in.skipNBytes(20);
            var first = -1L;
            while (in.available() > 0) {
                var millis = in.readInt() * 1000L + in.readInt() / 1000;
                var packet = new byte[in.readInt()];
                in.skipNBytes(4);
                in.readFully(packet);
                first = first < 0 ? millis : first;
                // Behind the headers of IPv4 and UDP.
                arrivals.add(new Arrival(millis - first, Arrays.copyOfRange(packet, 28, packet.length)));
            }
        }
        return arrivals;
    }

    /** {@code earliest} and {@code latest}: seconds since the first datagram at which the attack is told of. */
    @ParameterizedTest
    @CsvSource({"netflow5, 5, 14", "netflow9, 5, 14", "ipfix, 5, 14", "sflow5, 5, 9"})
    void aFloodThatWasRecordedIsSeenAsWhatItWas(String protocol, int earliest, int latest) throws IOException {
        var limits = new WindowLimits();
        limits.apply(policy.window());
        var window = new FlowWindow(limits, policy.window(), 1);
        var decoder = new FlowDecoder(window);
        var exporter =
                new Exporter(InetAddress.getLoopbackAddress(), new ExporterBudget(4_096, 1 << 20, 65_536, 1 << 20));
        var port = protocol.equals("sflow5") ? FlowDecoder.Port.SFLOW : FlowDecoder.Port.NETFLOW;
        var arrivals = recording(protocol);
        var next = 0;
        var startedAt = -1L;
        var until = arrivals.getLast().millis() + QUIET_SECONDS * 1000L;
        for (var now = 0L; now <= until; now += 100) {
            while (next < arrivals.size() && arrivals.get(next).millis() <= now) {
                var datagram = arrivals.get(next++).datagram();
                System.arraycopy(datagram, 0, decoder.buffer(), 0, datagram.length);
                window.now(ORIGIN + now);
                decoder.decode(port, datagram.length, exporter, ORIGIN + now);
            }
            window.now(ORIGIN + now);
            var changes = decide(window, now);
            started.addAll(changes.started());
            ended.addAll(changes.ended());
            startedAt = startedAt < 0 && !started.isEmpty() ? now : startedAt;
        }

        assertThat(exporter.errors()).isZero();
        assertThat(exporter.lost()).isZero();
        assertThat(started).singleElement().satisfies(attack -> {
            assertThat(attack.target().getHostAddress()).isEqualTo("203.0.113.10");
            assertThat(attack.metric()).isEqualTo("pps");
        });
        assertThat(startedAt).isBetween(earliest * 1000L, latest * 1000L);
        assertThat(ended).singleElement().satisfies(attack -> {
            assertThat(attack.classification().type()).isEqualTo("ntp_amplification");
            assertThat(attack.classification().sourcePort()).isEqualTo(123);
            // 12,000 a second and 200 beside them, as far as five seconds' mean and a sample of 1 in 200 show.
            assertThat(attack.peak().packets()).isBetween(9_000.0, 15_000.0);
        });
    }

    private Detector.Changes decide(FlowWindow window, long now) {
        var sums = new WindowSums();
        window.begin(sums);
        while (!window.step(10_000)) {
            // The worker reads its sockets here.
        }
        var merged = new WindowSums();
        merged.clear(policy.window().seconds());
        merged.merge(sums);
        return detector.tick(merged, policy, ORIGIN + now, Instant.EPOCH.plusMillis(now));
    }
}
