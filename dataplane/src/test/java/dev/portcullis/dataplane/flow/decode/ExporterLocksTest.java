package dev.portcullis.dataplane.flow.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Two workers and one exporter: whoever forgets a domain waits for nobody who waits for the exporter. */
class ExporterLocksTest {
    private final Exporter exporter =
            new Exporter(InetAddress.ofLiteral("192.0.2.1"), new ExporterBudget(65_536, 1 << 20, 65_536, 1 << 20));

    /** Holds a domain as a worker does that learns one of its templates, while another does {@code work}; then asks for room. */
    private void assertNobodyWaitsForEver(ObservationDomain held, Consumer<Exporter> work) {
        var reserved = new AtomicBoolean();
        var other = new Thread(() -> work.accept(exporter), "other-worker");
        var learning = new Thread(
                () -> {
                    synchronized (held) {
                        other.start();
                        await().until(() -> other.getState() == Thread.State.BLOCKED);
                        reserved.set(exporter.reserveFields(1));
                    }
                },
                "learning-worker");
        other.setDaemon(true);
        learning.setDaemon(true);

        learning.start();

        await().untilTrue(reserved);
        await().until(() -> !other.isAlive() && !learning.isAlive());
    }

    @Test
    void aSilentDomainThatMakesRoomIsForgottenWithoutTheExportersLock() {
        var first = Objects.requireNonNull(exporter.domain(Protocol.IPFIX, 0, 1));
        for (var id = 1; id < Exporter.MOST_DOMAINS; id++) {
            exporter.domain(Protocol.IPFIX, id, 2_000);
        }

        assertNobodyWaitsForEver(first, busy -> busy.domain(Protocol.IPFIX, 99, Exporter.SILENT_MILLIS + 10_000));

        assertThat(exporter.domain(Protocol.IPFIX, 99, Exporter.SILENT_MILLIS + 10_000))
                .isNotNull();
    }

    @Test
    void theDomainsOfASessionThatEndsAreForgottenWithoutTheExportersLock() {
        var ofSession = Objects.requireNonNull(exporter.domain(Protocol.IPFIX, 7L << 32 | 1, 1));

        assertNobodyWaitsForEver(ofSession, busy -> busy.closeSession(7));
    }
}
