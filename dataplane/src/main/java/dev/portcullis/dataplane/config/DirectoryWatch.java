package dev.portcullis.dataplane.config;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls back, on a thread of its own, when something in one of its directories changes: once a burst of events has been
 * quiet for {@link #SETTLE}, and in any case every {@link #RECHECK} because file systems lose events.
 */
public final class DirectoryWatch implements AutoCloseable {
    /** Editors write in several steps; a reload in the middle of them would report errors nobody made. */
    public static final Duration SETTLE = Duration.ofMillis(25);

    /** Time between callbacks when no event arrives. */
    public static final Duration RECHECK = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(DirectoryWatch.class);

    private final WatchService service;
    private final Thread thread;

    /**
     * Starts watching.
     *
     * @param directories existing directories
     * @param changed called on the watch thread; must not throw
     * @throws IOException when one cannot be watched
     */
    public DirectoryWatch(Set<Path> directories, Runnable changed) throws IOException {
        service = FileSystems.getDefault().newWatchService();
        for (var directory : directories) {
            directory.register(
                    service,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
        }
        thread = Thread.ofPlatform().daemon().name("config-watch").start(() -> watch(changed));
    }

    private void watch(Runnable changed) {
        try {
            while (true) {
                var key = service.poll(RECHECK.toMillis(), TimeUnit.MILLISECONDS);
                while (key != null) {
                    key.pollEvents();
                    key.reset();
                    key = service.poll(SETTLE.toMillis(), TimeUnit.MILLISECONDS);
                }
                changed.run();
            }
        } catch (InterruptedException | ClosedWatchServiceException closed) {
            log.debug("file watch ended");
        }
    }

    @Override
    public void close() throws IOException {
        service.close();
        thread.interrupt();
    }
}
