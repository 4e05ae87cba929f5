package dev.portcullis.dataplane.firewall.sentry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.firewall.scan.TestPolicies;
import dev.portcullis.dataplane.fuzz.FuzzTarget;
import dev.portcullis.dataplane.metrics.FileSentryMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Fuzz target of watched files: a file gives what its bytes give. */
public final class FileFuzz implements FuzzTarget {
    private final FileReading reading = new FileReading(new FileSentryMetrics(new PrometheusRegistry()));
    private final Path file;

    /** A target with a file of its own. */
    public FileFuzz() {
        try {
            file = Files.createTempFile("fuzz", ".bin");
            file.toFile().deleteOnExit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void run(byte[] input) throws Exception {
        Files.write(file, input);
        var engine = TestPolicies.engine();
        var fromFile = engine.openFile();
        assertThat(reading.read(file, fromFile, 1 << 20)).isTrue();
        var direct = engine.openFile();
        direct.feed(ByteBuffer.wrap(input));
        direct.finish();
        assertThat(fromFile.findings()).isEqualTo(direct.findings());
    }
}
