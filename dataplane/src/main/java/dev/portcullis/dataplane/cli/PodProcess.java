package dev.portcullis.dataplane.cli;

import java.util.concurrent.CountDownLatch;

/** Keeps a pod's process alive until it is told to end, then lets it drain. */
final class PodProcess {
    private PodProcess() {}

    /**
     * Blocks until SIGTERM or SIGINT, and runs {@code drain} before the process ends.
     *
     * @param drain bounded by itself; the kubelet kills the process thirty seconds after SIGTERM
     */
    static void runUntilTold(Runnable drain) throws InterruptedException {
        var told = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("drain").unstarted(() -> {
            drain.run();
            told.countDown();
        }));
        told.await();
    }

    /** Closes without a checked exception, at a moment when there is nobody left to tell. */
    static void closeQuietly(AutoCloseable source) {
        try {
            source.close();
        } catch (Exception ending) {
            org.slf4j.LoggerFactory.getLogger(PodProcess.class).warn("while ending: {}", ending.getMessage());
        }
    }
}
