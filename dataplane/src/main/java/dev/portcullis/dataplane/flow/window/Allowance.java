package dev.portcullis.dataplane.flow.window;

import java.util.concurrent.atomic.AtomicInteger;

/** A number of places that the tables of all workers share. Any thread. */
final class Allowance {
    private final AtomicInteger taken = new AtomicInteger();
    private volatile int most;

    Allowance(int most) {
        this.most = most;
    }

    boolean tryTake() {
        if (taken.get() >= most) {
            return false;
        }
        if (taken.incrementAndGet() > most) {
            taken.decrementAndGet();
            return false;
        }
        return true;
    }

    /** For what must not get lost when a smaller limit comes in force. */
    void take() {
        taken.incrementAndGet();
    }

    void giveBack() {
        taken.decrementAndGet();
    }

    void most(int places) {
        most = places;
    }

    int most() {
        return most;
    }

    int taken() {
        return taken.get();
    }

    /** Places to make free so that newcomers find one: a sixteenth of all, once fewer than that are left. */
    int shortage() {
        var reserve = Math.max(1, most / 16);
        return Math.max(0, taken.get() + reserve - most);
    }
}
