package dev.portcullis.dataplane.firewall.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Every client connection that is open. A connection is registered before anything of it is checked and stays until it is
 * closed, so that no change of policy or kill switch can slip between a check and its effect. Thread-safe.
 */
public final class LiveConnections {
    /** An open connection. */
    public interface Live {
        /** Judges again what flows now, under the policy and kill switch of now. Any thread; returns at once. */
        void recheck();

        /** Ends once what is in flight has ended; at once when nothing is. Any thread; returns at once. */
        void drain();

        /** Ends now. Any thread; returns at once. */
        void close();
    }

    private final Set<Live> open = ConcurrentHashMap.newKeySet();

    /** Adds a connection. */
    public void register(Live connection) {
        open.add(connection);
    }

    /** Forgets a connection that is closed. */
    public void unregister(Live connection) {
        open.remove(connection);
    }

    /** Has every open connection judged again. */
    public void recheck() {
        open.forEach(Live::recheck);
    }

    /** Has every open connection end with what is in flight. */
    public void drain() {
        open.forEach(Live::drain);
    }

    /** Ends every open connection now. */
    public void close() {
        open.forEach(Live::close);
    }

    /** How many are open. */
    public int count() {
        return open.size();
    }
}
