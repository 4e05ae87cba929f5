package dev.portcullis.dataplane.firewall.killswitch;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * SIGUSR1, for every firewall of this process. Once installed it stays, since the system's own answer to the signal is to
 * end the process.
 */
public final class SignalToggle {
    private static final Logger LOG = LoggerFactory.getLogger(SignalToggle.class);
    private static final List<Runnable> LISTENERS = new CopyOnWriteArrayList<>();

    static {
        try {
            Signal.handle(new Signal("USR1"), signal -> LISTENERS.forEach(Runnable::run));
        } catch (IllegalArgumentException e) {
            LOG.info("SIGUSR1 cannot be received here ({}); the other kill switch sources work.", e.getMessage());
        }
    }

    private SignalToggle() {}

    /** Runs {@code listener} on each SIGUSR1. */
    public static void add(Runnable listener) {
        LISTENERS.add(listener);
    }

    /** Stops running {@code listener}. */
    public static void remove(Runnable listener) {
        LISTENERS.remove(listener);
    }
}
