package dev.portcullis.dataplane.firewall.sentry;

import dev.portcullis.dataplane.metrics.FileSentryMetrics;
import dev.portcullis.dataplane.metrics.FileSentryMetrics.Skipped;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Watches folders and all below them. Links are not followed. At most {@link #FOLDERS} folders, {@link #DEPTH} deep. Not
 * thread-safe.
 */
final class FolderWatch implements AutoCloseable {
    /** Most folders watched. */
    static final int FOLDERS = 4096;

    /** Deepest nesting below a watched path. */
    static final int DEPTH = 32;

    private final FileSentryMetrics metrics;
    private final Consumer<Path> changed;
    private final WatchService service;
    private final Map<WatchKey, Path> folders = new HashMap<>();
    private volatile int count;

    /**
     * Watches nothing yet.
     *
     * @param changed told of each file that is there when its folder is first seen, and of each that changes later
     * @throws IOException where the system has no more watches to give
     */
    FolderWatch(FileSentryMetrics metrics, Consumer<Path> changed) throws IOException {
        this.metrics = metrics;
        this.changed = changed;
        this.service = FileSystems.getDefault().newWatchService();
    }

    /** How many folders are watched. Any thread. */
    int folders() {
        return count;
    }

    /** Whether {@code root}, which may itself be a link, is watched. */
    boolean watches(Path root) {
        try {
            return folders.containsValue(root.toRealPath());
        } catch (IOException e) {
            return false;
        }
    }

    /** Looks through {@code root}, which may itself be a link, and watches it; nothing where it is not there. */
    void open(Path root) {
        try {
            if (Files.isDirectory(root)) {
                add(root.toRealPath());
            }
        } catch (IOException e) {
            metrics.skipped(Skipped.UNREADABLE);
        }
    }

    /** Looks through {@code folder} and all below it, and watches them. */
    void add(Path folder) {
        try {
            Files.walkFileTree(folder, Set.of(), DEPTH, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    return watch(directory) ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isDirectory()) {
                        // As deep as it goes.
                        metrics.skipped(Skipped.FOLDERS);
                    } else {
                        changed.accept(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    metrics.skipped(Skipped.UNREADABLE);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException e) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            metrics.skipped(Skipped.UNREADABLE);
        }
    }

    private boolean watch(Path directory) {
        if (folders.size() >= FOLDERS && !folders.containsValue(directory)) {
            metrics.skipped(Skipped.FOLDERS);
            return false;
        }
        try {
            folders.put(
                    directory.register(
                            service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY),
                    directory);
            count = folders.size();
            return true;
        } catch (IOException e) {
            metrics.skipped(Skipped.UNREADABLE);
            return false;
        }
    }

    /**
     * Waits for changes for a while and tells of them.
     *
     * @return false where the system lost some, so that everything must be looked through again
     */
    boolean poll(long millis) throws InterruptedException {
        var key = service.poll(millis, TimeUnit.MILLISECONDS);
        var complete = true;
        while (key != null) {
            var folder = folders.get(key);
            for (var event : key.pollEvents()) {
                if (event.kind() == StandardWatchEventKinds.OVERFLOW) {
                    metrics.skipped(Skipped.OVERFLOW);
                    complete = false;
                } else if (folder != null && event.context() instanceof Path name) {
                    entry(folder.resolve(name));
                }
            }
            if (!key.reset()) {
                folders.remove(key);
                count = folders.size();
            }
            key = service.poll();
        }
        return complete;
    }

    private void entry(Path entry) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
            add(entry);
        } else {
            changed.accept(entry);
        }
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
