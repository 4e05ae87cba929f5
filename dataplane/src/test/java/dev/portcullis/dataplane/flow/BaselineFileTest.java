package dev.portcullis.dataplane.flow;

import static dev.portcullis.dataplane.flow.DatagramExporter.hosts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.dataplane.flow.detect.Detector;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineFileTest {
    private static final String DETECTOR = """
            networks: ["10.0.0.0/8"]
            thresholds: {packetsPerSecond: 1G}
            window: {length: 1s, tick: 200ms}
            baseline: {enabled: true, floor: {packetsPerSecond: 1k, bitsPerSecond: 10M, flowsPerSecond: 500}}
            api: {allowUnauthenticated: true}
            """;

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("state/baselines");
    }

    private void save(long... values) {
        try (var writing = new BaselineFile(file)) {
            writing.save(out -> {
                for (var value : values) {
                    out.writeLong(value);
                }
            });
        }
    }

    private List<Long> load(int values) {
        var read = new ArrayList<Long>();
        try (var reading = new BaselineFile(file)) {
            reading.load(in -> {
                for (var i = 0; i < values; i++) {
                    read.add(in.readLong());
                }
            });
        }
        return read;
    }

    @Test
    void whatWasSavedLastIsLoaded() throws IOException {
        save(1, 2, 3);
        save(4, 5);

        assertThat(load(2)).containsExactly(4L, 5L);
        try (var files = Files.list(directory.resolve("state"))) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void withoutAFileNothingIsLoaded() {
        assertThat(load(1)).isEmpty();
    }

    @Test
    void aFileThatWasCutOrChangedAnywhereTeachesNothingAndIsLeftThere() throws IOException {
        save(1, 2, 3);
        var whole = Files.readAllBytes(file);
        for (var length = 0; length < whole.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            assertThat(load(1)).as("cut at %d", length).isEmpty();
            assertThat(Files.size(file)).isEqualTo(length);
        }
        for (var at = 0; at < whole.length; at++) {
            var changed = whole.clone();
            changed[at] ^= 0x10;
            Files.write(file, changed);
            assertThat(load(1)).as("changed at %d", at).isEmpty();
        }
        save(7);
        assertThat(load(1)).containsExactly(7L);
    }

    @Test
    void aFileThatIsNoneOrCannotBeWrittenStopsNobody() throws IOException {
        Files.createDirectories(file);
        assertThat(load(1)).isEmpty();

        save(1);

        assertThat(file).isDirectory();
    }

    /** A checksum is no seal: what somebody else wrote in good form is judged by its reader. */
    @Test
    void lyingCountsWithARightChecksumTeachNothing() throws IOException {
        for (var contents : new byte[][] {
            ByteBuffer.allocate(8).putInt(2).putInt(20_000).array(),
            ByteBuffer.allocate(8).putInt(2).putInt(Integer.MAX_VALUE).array(),
            ByteBuffer.allocate(8).putInt(2).putInt(-1).array(),
            ByteBuffer.allocate(8).putInt(9).putInt(1).array(),
            ByteBuffer.allocate(60).putInt(2).putInt(1).put((byte) 77).array(),
            ByteBuffer.allocate(60)
                    .putInt(2)
                    .putInt(1)
                    .putShort((short) 0)
                    .putLong(0)
                    .putLong(1)
                    .putFloat(0)
                    .putLong(0)
                    .putInt(0)
                    .putFloat(Float.NaN)
                    .array()
        }) {
            var checksum = new CRC32C();
            checksum.update(contents);
            Files.createDirectories(directory.resolve("state"));
            Files.write(
                    file,
                    ByteBuffer.allocate(8 + contents.length)
                            .putLong(checksum.getValue())
                            .put(contents)
                            .array());
            var detector = new Detector();
            try (var reading = new BaselineFile(file)) {
                reading.load(detector::readBaselines);
            }
            assertThat(detector.baselines()).isZero();
        }
    }

    @Test
    void whatWasLearnedIsKnownAfterARestart() throws IOException {
        try (var exporter = new DatagramExporter("127.0.0.1")) {
            try (var first = new RoleOverSockets(DETECTOR, directory)) {
                exporter.sendFlows(first.netflowPort(), "192.0.2.1", hosts(0, 40), 100);
                first.eventually(now ->
                        assertThat(now.metric("portcullis_engine_baselines")).isEqualTo(40));
            }

            try (var second = new RoleOverSockets(DETECTOR, directory)) {
                second.eventually(now -> assertThat(now.metric("portcullis_engine_tick_seconds_count"))
                        .isPositive());
                assertThat(second.metric("kapkan_engine_tracked_hosts")).isZero();
                assertThat(second.metric("portcullis_engine_baselines")).isEqualTo(40);
            }

            damage(directory.resolve("baselines"));
            try (var third = new RoleOverSockets(DETECTOR, directory)) {
                third.eventually(now -> assertThat(now.metric("portcullis_engine_tick_seconds_count"))
                        .isPositive());
                assertThat(third.metric("portcullis_engine_baselines")).isZero();
            }
        }
    }

    private static void damage(Path kept) throws IOException {
        var bytes = Files.readAllBytes(kept);
        bytes[bytes.length / 2] ^= 1;
        Files.write(kept, bytes);
    }
}
