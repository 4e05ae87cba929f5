package dev.portcullis.dataplane.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.portcullis.dataplane.audit.AuditEvent.Level;
import dev.portcullis.dataplane.metrics.AuditMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AuditLogTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z"));

    @Test
    void anEventBecomesOneJsonLineWithoutControlCharacters() throws Exception {
        var out = new ByteArrayOutputStream();
        try (var log = new AuditLog(out, CLOCK, () -> {})) {
            log.record(new AuditEvent(Level.WARN, "blocked", "a sentence")
                    .with("url", "http://x/\u001b[31m\r\n\u0085red")
                    .with("bytes", 5L)
                    .with("patterns", List.of("a", "b\u0007"))
                    .with("empty", "")
                    .with("none", null));
        }
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("{\"level\":\"warn\",\"time\":\"2026-01-02T03:04:05Z\",\"component\":\"portcullis\","
                        + "\"event\":\"blocked\",\"message\":\"a sentence\",\"url\":\"http://x/[31mred\",\"bytes\":5,"
                        + "\"patterns\":[\"a\",\"b\"]}\n");
    }

    @Test
    void whatASlowStreamCannotTakeIsDroppedAndCountedAndTheRestIsWhole() throws Exception {
        var registry = new PrometheusRegistry();
        var metrics = new AuditMetrics(registry);
        var gate = new CountDownLatch(1);
        var lines = new ByteArrayOutputStream();
        var slow = new OutputStream() {
            @Override
            public void write(int value) {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                lines.write(bytes, offset, length);
            }
        };
        var sent = AuditLog.CAPACITY * 2;
        try (var log = new AuditLog(slow, CLOCK, metrics::dropped)) {
            for (var i = 0; i < sent; i++) {
                log.record(new AuditEvent(Level.INFO, "allowed", "x").with("n", i));
            }
            gate.countDown();
        }
        var page = new ByteArrayOutputStream();
        page.writeBytes(dev.portcullis.dataplane.admin.MetricsPage.render(registry, null)
                .body());
        var dropped = page.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("portcullis_audit_dropped_total "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .sum();
        var written = lines.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(dropped).isPositive();
        assertThat(written.size()).isEqualTo(sent - (int) dropped);
        for (var line : written) {
            new ObjectMapper().readTree(line);
        }
    }

    @Test
    void aStreamThatFailsIsCountedAndUsedAgainWhenItWorks() throws Exception {
        var drops = new AtomicInteger();
        var broken = new AtomicInteger(1);
        var lines = new ByteArrayOutputStream();
        var flaky = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                if (broken.get() > 0) {
                    throw new IOException("disk full");
                }
                lines.write(value);
            }
        };
        try (var log = new AuditLog(flaky, CLOCK, drops::incrementAndGet)) {
            log.record(new AuditEvent(Level.INFO, "allowed", "lost"));
            org.awaitility.Awaitility.await().until(() -> drops.get() > 0);
            broken.set(0);
            log.record(new AuditEvent(Level.INFO, "allowed", "kept"));
        }
        assertThat(lines.toString(StandardCharsets.UTF_8)).contains("kept");
    }
}
