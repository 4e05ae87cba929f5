package dev.portcullis.dataplane.firewall.sentry;

import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.metrics.FileSentryMetrics;
import dev.portcullis.dataplane.metrics.FileSentryMetrics.Skipped;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file into a scan. A file may turn into a pipe between being looked at and being opened, and opening a pipe waits
 * for a writer: so it is read on a thread that can be left behind, {@link #LEFT_BEHIND} of them at most.
 */
final class FileReading {
    /** Threads that may be left waiting. */
    static final int LEFT_BEHIND = 4;

    private static final long SECONDS = 20;
    private static final int CHUNK = 64 * 1024;

    private final FileSentryMetrics metrics;
    private final AtomicInteger stuck = new AtomicInteger();

    FileReading(FileSentryMetrics metrics) {
        this.metrics = metrics;
    }

    /** What tells one state of a file from another; null for what is not a regular file that can be looked at. */
    @Nullable
    State state(Path file) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isRegularFile()) {
                metrics.skipped(Skipped.SPECIAL);
                return null;
            }
            return new State(
                    attributes.size(),
                    attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                    String.valueOf(attributes.fileKey()));
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * One state of a file.
     *
     * @param modified nanoseconds since 1970: a file of the same length may be written twice in a millisecond
     */
    record State(long size, long modified, String key) {}

    /**
     * Feeds the first {@code limit} bytes of {@code file} to {@code scan}.
     *
     * @return false where it could not be read
     */
    boolean read(Path file, BodyScan scan, long limit) throws InterruptedException {
        if (stuck.get() >= LEFT_BEHIND) {
            metrics.skipped(Skipped.STUCK);
            return false;
        }
        Callable<Boolean> reading = () -> {
            try {
                return feed(file, scan, limit);
            } finally {
                // Before the result is there: whoever waits for it may read the next file at once.
                stuck.decrementAndGet();
            }
        };
        var task = new FutureTask<>(reading);
        stuck.incrementAndGet();
        Thread.ofPlatform().daemon().name("file-sentry-read").start(task);
        try {
            return task.get(SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            metrics.skipped(Skipped.STUCK);
            return false;
        } catch (ExecutionException e) {
            metrics.skipped(Skipped.UNREADABLE);
            return false;
        }
    }

    private boolean feed(Path file, BodyScan scan, long limit) throws IOException {
        try (var channel = Files.newByteChannel(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            var buffer = ByteBuffer.allocate(CHUNK);
            var left = limit;
            while (left > 0) {
                buffer.clear().limit((int) Math.min(CHUNK, left));
                var read = channel.read(buffer);
                if (read < 0) {
                    break;
                }
                left -= read;
                scan.feed(buffer.flip());
            }
            if (left == 0 && channel.size() > limit) {
                metrics.skipped(Skipped.SIZE);
            }
            scan.finish();
            return true;
        }
    }
}
