package dev.portcullis.dataplane.flow;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was learned of targets, on disk: a checksum and the bytes, replaced whole and written by a thread of its own. A file
 * that cannot be read is left where it is until the next save; learning starts anew.
 */
final class BaselineFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BaselineFile.class);

    private final Path file;
    // One save waits at most: a later one has all that it has.
    private final ExecutorService writer = new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(1),
            Thread.ofPlatform().name("flow-baselines").daemon(true).factory());

    /** Reads what {@link Writer} wrote. */
    @FunctionalInterface
    interface Reader {
        void read(DataInput in) throws IOException;
    }

    /** Writes what is to be kept. */
    @FunctionalInterface
    interface Writer {
        void write(DataOutput out) throws IOException;
    }

    BaselineFile(Path file) {
        this.file = file;
    }

    /** Hands what was kept last to {@code reader}, if there is any. */
    void load(Reader reader) {
        try {
            if (!isWhole()) {
                throw new IOException("its checksum does not fit");
            }
            try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
                in.readLong();
                reader.read(in);
            }
        } catch (NoSuchFileException firstStart) {
            LOG.debug("No {} yet: what is usual of hosts is learned from now on.", file);
        } catch (IOException unreadable) {
            LOG.warn("{} cannot be read ({}): what is usual of hosts is learned anew.", file, unreadable.getMessage());
        }
    }

    private boolean isWhole() throws IOException {
        try (var in = new CheckedInputStream(new BufferedInputStream(Files.newInputStream(file)), new CRC32C())) {
            var stated = new DataInputStream(in).readLong();
            in.getChecksum().reset();
            in.transferTo(OutputStream.nullOutputStream());
            return in.getChecksum().getValue() == stated;
        }
    }

    /** Takes what {@code from} writes at once, and puts it on disk later. */
    void save(Writer from) {
        var bytes = new ByteArrayOutputStream();
        try {
            from.write(new DataOutputStream(bytes));
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        try {
            writer.execute(() -> replace(bytes.toByteArray()));
        } catch (RejectedExecutionException busy) {
            LOG.warn("The disk of {} is slow: what was learned is saved later.", file);
        }
    }

    private void replace(byte[] contents) {
        var checksum = new CRC32C();
        checksum.update(contents);
        var fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            var directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            try (var channel = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                write(
                        channel,
                        ByteBuffer.allocate(Long.BYTES)
                                .putLong(checksum.getValue())
                                .flip());
                write(channel, ByteBuffer.wrap(contents));
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException notSaved) {
            LOG.warn(
                    "{} cannot be written ({}): what was learned is lost when the process ends.",
                    file,
                    notSaved.getMessage());
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Waits for what is being saved, a few seconds at most. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(5, TimeUnit.SECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            writer.shutdownNow();
        }
    }
}
