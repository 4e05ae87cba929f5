package dev.portcullis.dataplane.firewall;

import dev.portcullis.dataplane.LeakedBuffers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Tests of routes that break off: TLS is loaded before the first, and no buffer is left behind the last. */
abstract class RoutesTest {
    @BeforeAll
    static void aFirstHandshake() throws Exception {
        Route.firstHandshakes();
    }

    @AfterAll
    static void noBufferIsLeft() {
        LeakedBuffers.check();
    }
}
