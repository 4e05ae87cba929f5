package dev.portcullis.dataplane.firewall;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock that goes on only when a test says so, and knows how often it was looked at. */
final class SteppedClock implements LongSupplier {
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong looks = new AtomicLong();

    @Override
    public long getAsLong() {
        looks.incrementAndGet();
        return nanos.get();
    }

    /** Goes on by {@code time} and waits until somebody has seen it. */
    void advance(Duration time) {
        nanos.addAndGet(time.toNanos());
        var before = looks.get();
        await().atMost(Duration.ofSeconds(30)).until(() -> looks.get() > before);
    }
}
