package dev.portcullis.dataplane.flow.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.portcullis.dataplane.flow.decode.ExporterMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The templates and sampling rates of exporters on disk: one JSON document, replaced whole. Losing it costs some minutes
 * of telemetry, so it is neither forced to disk nor kept where it cannot be read. One thread.
 */
final class TemplateFile {
    private static final int VERSION = 1;
    private static final long MOST_BYTES = 64L << 20;
    private static final Logger LOG = LoggerFactory.getLogger(TemplateFile.class);
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private record Document(int version, List<ExporterMemory> exporters) {}

    private final Path file;
    private byte[] written = {};

    TemplateFile(Path file) {
        this.file = file;
    }

    /** What was kept last; nothing when there is no file or it cannot be understood. */
    List<ExporterMemory> read() {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IOException("larger than " + MOST_BYTES + " bytes");
            }
            var document = JSON.readValue(Files.readAllBytes(file), Document.class);
            if (document == null || document.version() != VERSION || document.exporters() == null) {
                throw new IOException("not version " + VERSION + " of the templates");
            }
            return document.exporters();
        } catch (NoSuchFileException firstStart) {
            return List.of();
        } catch (IOException | RuntimeException unreadable) {
            var why = unreadable instanceof JsonProcessingException notThis
                    ? notThis.getOriginalMessage()
                    : unreadable.getMessage();
            LOG.warn("{} cannot be read as templates ({}). Starting without: exporters repeat theirs.", file, why);
            return List.of();
        }
    }

    /** Replaces what is kept, if it has changed. A failure is logged. */
    void write(List<ExporterMemory> exporters) {
        try {
            var bytes = JSON.writeValueAsBytes(new Document(VERSION, exporters));
            if (Arrays.equals(bytes, written) || bytes.length > MOST_BYTES) {
                return;
            }
            Files.createDirectories(file.toAbsolutePath().getParent());
            var fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.write(fresh, bytes);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            written = bytes;
        } catch (IOException failed) {
            LOG.warn("{} cannot be written: templates will not be known after a restart.", file, failed);
        }
    }
}
