package dev.portcullis.dataplane.firewall.http;

import io.netty.channel.EventLoop;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Threads that read fetched pages: looking through megabytes and taking their text out takes longer than an event loop may
 * be kept from its other connections. Any thread.
 */
public final class PageReaders implements AutoCloseable {
    private static final int IDLE_SECONDS = 30;

    private final ThreadPoolExecutor threads;
    private final Runnable dropped;

    /**
     * Readers, started when they are needed.
     *
     * @param count most threads
     * @param dropped told of each page that nobody waits for any more before it was read to its end
     */
    public PageReaders(int count, Runnable dropped) {
        this.dropped = dropped;
        threads = new ThreadPoolExecutor(
                count,
                count,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(FetchExchange.MOST),
                Thread.ofPlatform().name("page-reader-", 0).daemon(true).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /** A page that waits or is being read. Belongs to the event loop that asked. */
    final class Reading implements Runnable {
        private final PageReading page;
        private final EventLoop loop;
        private final Consumer<PageReading> then;
        private volatile boolean given;

        private Reading(PageReading page, EventLoop loop, Consumer<PageReading> then) {
            this.page = page;
            this.loop = loop;
            this.then = then;
        }

        @Override
        public void run() {
            try {
                page.read();
            } finally {
                tell();
            }
        }

        private void tell() {
            try {
                loop.execute(() -> then.accept(page));
            } catch (RejectedExecutionException e) {
                // The firewall is closed, and so is who waited.
            }
        }

        /** Nobody waits for it any more: it ends soon, and tells so. */
        void giveUp() {
            if (!given) {
                given = true;
                dropped.run();
                page.giveUp();
                if (threads.remove(this)) {
                    tell();
                }
            }
        }
    }

    /** Has {@code page} read and given to {@code then} on {@code loop}, given up or not; null where too many wait. */
    @org.jspecify.annotations.Nullable
    Reading begin(PageReading page, EventLoop loop, Consumer<PageReading> then) {
        var reading = new Reading(page, loop, then);
        try {
            threads.execute(reading);
            return reading;
        } catch (RejectedExecutionException e) {
            return null;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
