package dev.portcullis.dataplane.flow.mitigate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The book of bans on disk: one JSON document, replaced whole. A reader sees the old document or the new one, whatever
 * moment the process or the machine stopped at. One thread.
 */
final class BookFile {
    /** Version of the document. */
    static final int VERSION = 1;

    private static final long MAX_BYTES = 256L << 20;
    private static final Logger LOG = LoggerFactory.getLogger(BookFile.class);
    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .serializationInclusion(JsonInclude.Include.NON_NULL)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /**
     * What is kept.
     *
     * @param pausedUntil no new automatic ban before then, or null
     */
    record Contents(
            List<Ban> active, List<Ban> history, @Nullable Instant pausedUntil) {
        static final Contents EMPTY = new Contents(List.of(), List.of(), null);
    }

    private record Document(
            int version, String savedAt, @Nullable String pausedUntil, List<StoredBan> bans, List<StoredBan> history) {}

    private final Path directory;
    private final Path file;

    /** The file {@code name} in {@code directory}, which is made when it is not there. */
    BookFile(Path directory, String name) {
        this.directory = directory;
        this.file = directory.resolve(name);
    }

    /** What was kept last; nothing when there is no file or it cannot be understood, which is then set aside. */
    Contents read(Instant now) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IOException("larger than " + MAX_BYTES + " bytes");
            }
            var document = JSON.readValue(Files.readAllBytes(file), Document.class);
            if (document == null || document.version() != VERSION) {
                throw new IOException("not version " + VERSION + " of the book of bans");
            }
            return new Contents(
                    bans(document.bans()),
                    bans(document.history()),
                    document.pausedUntil() == null ? null : Instant.parse(document.pausedUntil()));
        } catch (NoSuchFileException firstStart) {
            return Contents.EMPTY;
        } catch (IOException | RuntimeException unreadable) {
            setAside(now, unreadable);
            return Contents.EMPTY;
        }
    }

    /**
     * Replaces what is kept.
     *
     * @throws IOException when it could not; what was kept before is then still there
     */
    void write(Contents contents, Instant now) throws IOException {
        var document = new Document(
                VERSION,
                now.toString(),
                contents.pausedUntil() == null ? null : contents.pausedUntil().toString(),
                contents.active().stream().map(StoredBan::of).toList(),
                contents.history().stream().map(StoredBan::of).toList());
        var bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(document));
        createDirectory();
        var fresh = directory.resolve(file.getFileName() + ".new");
        try (var channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        // The rename itself is on disk only once the directory is.
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private void createDirectory() throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    private static List<Ban> bans(@Nullable List<StoredBan> stored) {
        var bans = new ArrayList<Ban>();
        for (var ban : stored == null ? List.<StoredBan>of() : stored) {
            bans.add(ban.toBan());
        }
        return bans;
    }

    private void setAside(Instant now, Exception reason) {
        var aside = file.resolveSibling(file.getFileName() + ".unreadable-" + now.toEpochMilli());
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            LOG.warn(
                    "{} cannot be read as the book of bans ({}). It is kept as {}; starting without bans",
                    file,
                    why(reason),
                    aside);
        } catch (IOException stuck) {
            LOG.warn(
                    "{} cannot be read as the book of bans ({}) and not be moved away either ({}). Starting without bans",
                    file,
                    why(reason),
                    stuck.getMessage());
        }
    }

    private static @Nullable String why(Exception reason) {
        return reason instanceof JsonProcessingException notThis ? notThis.getOriginalMessage() : reason.getMessage();
    }
}
