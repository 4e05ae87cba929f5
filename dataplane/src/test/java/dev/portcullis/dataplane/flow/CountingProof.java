package dev.portcullis.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.resolve.FlowConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A detector with its sockets, and an exporter: what proofs of counting start from. */
abstract class CountingProof {
    static final String DETECTOR = """
            networks: ["10.0.0.0/8", "2001:db8:100::/48"]
            thresholds: {packetsPerSecond: 1G}
            window: {length: 60s, tick: 200ms}
            api: {allowUnauthenticated: true}
            """;
    static final String OUTSIDE = "192.0.2.1";

    @TempDir
    Path directory;

    final DatagramExporter exporter = new DatagramExporter("127.0.0.1");
    private @Nullable RoleOverSockets running;

    RoleOverSockets role() {
        return Objects.requireNonNull(running);
    }

    RoleOverSockets start(String more) throws IOException {
        return startWith(DETECTOR + more);
    }

    RoleOverSockets startWith(String detector) throws IOException {
        running = new RoleOverSockets(detector, directory);
        return role();
    }

    /** The same of a configuration with policies, on any free ports. */
    RoleOverSockets startWith(FlowConfig config) throws IOException {
        running = new RoleOverSockets(TestPolicies.onAnyPort(config), directory);
        return role();
    }

    /**
     * Waits until so many flows of a protocol have been counted. Between bursts: the receive buffer of a machine as it comes
     * holds some 180 full datagrams, and the reader may have to wait for a core.
     */
    void untilCounted(String protocol, int flows) {
        role().eventually(now ->
                assertThat(now.metric("kapkan_ingest_flows_total", protocol)).isEqualTo(flows));
    }

    @AfterEach
    void close() {
        exporter.close();
        if (running != null) {
            running.close();
        }
    }
}
