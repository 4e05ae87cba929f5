package dev.portcullis.dataplane.flow.bgp;

import java.time.Duration;

/** Time for one thread: its tasks run there, one after the other. */
interface Timers {
    /** A task that has not run yet. */
    interface Timer {
        /** Keeps it from running; harmless when it has run. */
        void cancel();
    }

    /** Runs {@code task} once, {@code delay} from now. */
    Timer after(Duration delay, Runnable task);

    /** Nanoseconds on a clock that only goes forward. */
    long nanoTime();
}
