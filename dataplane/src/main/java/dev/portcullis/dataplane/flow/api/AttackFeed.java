package dev.portcullis.dataplane.flow.api;

import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.AttackListener;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The last {@value #KEPT} beginnings, changes and ends of attacks, in the order they were told, for streams to read at their
 * own pace: a reader that falls behind misses some and learns how many. Telling costs the tick a reference and a wake-up of
 * each reader. Written by the tick thread, read by any.
 */
public final class AttackFeed implements AttackListener {
    /** Streams at once. */
    static final int MOST_READERS = 64;

    /** Events kept. */
    public static final int KEPT = 1024;

    private final AtomicReferenceArray<@Nullable Event> events = new AtomicReferenceArray<>(KEPT);
    private final Set<Runnable> readers = ConcurrentHashMap.newKeySet();
    // Number of the latest event; the first is 1.
    private volatile long last;

    /** One event; its text is made when the first reader wants it. */
    private static final class Event {
        private final long number;
        private final String kind;
        private final Attack attack;
        private byte @Nullable [] text;

        Event(long number, String kind, Attack attack) {
            this.number = number;
            this.kind = kind;
            this.attack = attack;
        }

        synchronized byte[] text() {
            var known = text;
            if (known == null) {
                var json = new String(
                        ApiResponse.json(200, AttackView.of(attack, null)).body(), StandardCharsets.UTF_8);
                known = ("id: " + number + "\nevent: " + kind + "\ndata: " + json + "\n\n")
                        .getBytes(StandardCharsets.UTF_8);
                text = known;
            }
            return known;
        }
    }

    @Override
    public void started(Attack attack) {
        add("attack_started", attack);
    }

    @Override
    public void ongoing(Attack attack) {}

    @Override
    public void updated(Attack attack) {
        add("attack_updated", attack);
    }

    @Override
    public void ended(Attack attack) {
        add("attack_ended", attack);
    }

    private void add(String kind, Attack attack) {
        var number = last + 1;
        events.set((int) (number % KEPT), new Event(number, kind, attack));
        last = number;
        readers.forEach(Runnable::run);
    }

    /** The number of the latest event, 0 before the first. */
    long last() {
        return last;
    }

    /** The number of the oldest event that is kept. */
    long oldest() {
        return Math.max(1, last - KEPT + 2);
    }

    /** An event as a stream sends it, or null when it is kept no more or has not happened. */
    byte @Nullable [] text(long number) {
        var event = events.get((int) (number % KEPT));
        return event == null || event.number != number ? null : event.text();
    }

    /** True where another stream fits. */
    boolean hasRoom() {
        return readers.size() < MOST_READERS;
    }

    /** Runs {@code reader} after each event, on the tick's thread: it must only wake somebody. */
    void subscribe(Runnable reader) {
        readers.add(reader);
    }

    void unsubscribe(Runnable reader) {
        readers.remove(reader);
    }
}
