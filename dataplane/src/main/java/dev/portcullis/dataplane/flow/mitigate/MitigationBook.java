package dev.portcullis.dataplane.flow.mitigate;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is active and until when, what was, and how fast bans came. Kept on disk: what {@link #save} wrote is there after a
 * kill -9. One thread.
 */
final class MitigationBook {
    /** Most bans remembered after their end, the latest first. */
    static final int MAX_HISTORY = 1000;

    /** Name of the file in the state directory. */
    static final String FILE_NAME = "bans.json";

    /** At most one ban a host, the oldest first. */
    private final Map<InetAddress, Ban> active = new LinkedHashMap<>();

    private final Deque<Ban> history = new ArrayDeque<>();
    private final Map<String, Deque<Instant>> admissions = new HashMap<>();
    private final BookFile file;
    private @Nullable Instant pausedUntil;
    private boolean changed;
    private Instant savedAt = Instant.MIN;

    private MitigationBook(BookFile file) {
        this.file = file;
    }

    /** The book kept in {@code directory}; its bans hold until their TTL, or until their attack is seen again. */
    static MitigationBook open(Path directory, Instant now) {
        var book = new MitigationBook(new BookFile(directory, FILE_NAME));
        var contents = book.file.read(now);
        for (var ban : contents.active()) {
            var life = ban.life();
            var restored = new Ban.Life(life.startedAt(), life.expiresAt(), life.ttl(), now, true, null, null);
            book.active.put(ban.target(), ban.with(ban.policy(), ban.order(), ban.cause(), ban.measure(), restored));
            book.admissions
                    .computeIfAbsent(ban.policy(), policy -> new ArrayDeque<>())
                    .add(life.startedAt());
        }
        contents.history().stream().limit(MAX_HISTORY).forEach(book.history::addLast);
        book.pausedUntil = contents.pausedUntil();
        return book;
    }

    /** The bans in force, the oldest first; a copy. */
    List<Ban> active() {
        return new ArrayList<>(active.values());
    }

    /** The ban of {@code target}, or null. */
    @Nullable
    Ban active(InetAddress target) {
        return active.get(target);
    }

    /** Bans that are over or were refused, the latest first; a copy. */
    List<Ban> history() {
        return new ArrayList<>(history);
    }

    /** Enters a new ban. */
    void admit(Ban ban) {
        active.put(ban.target(), ban);
        admissions
                .computeIfAbsent(ban.policy(), policy -> new ArrayDeque<>())
                .addLast(ban.life().startedAt());
        changed = true;
    }

    /** Replaces the running ban of the same host; one that only renews it need not reach the disk at once. */
    void update(Ban ban) {
        var before = active.replace(ban.target(), ban);
        if (before != null && !differOnlyInTime(before, ban)) {
            changed = true;
        }
    }

    /** Ends the ban of {@code target}. */
    Ban release(Ban ban, Instant now, String why) {
        active.remove(ban.target());
        var over = ban.withdrawn(now, why);
        remember(over);
        return over;
    }

    /** Remembers a ban that is over or was refused. */
    void remember(Ban ban) {
        history.addFirst(ban);
        while (history.size() > MAX_HISTORY) {
            history.removeLast();
        }
        changed = true;
    }

    /** New bans of {@code policy} in the {@code window} that ends now. */
    int admittedWithin(String policy, Duration window, Instant now) {
        var instants = admissions.get(policy);
        if (instants == null) {
            return 0;
        }
        var start = now.minus(window);
        while (!instants.isEmpty() && !instants.peekFirst().isAfter(start)) {
            instants.removeFirst();
        }
        return instants.size();
    }

    /** No new automatic ban before {@code until}; null lifts the pause. */
    void pause(@Nullable Instant until) {
        pausedUntil = until;
        changed = true;
    }

    /** The end of the pause, or null. */
    @Nullable
    Instant pausedUntil() {
        return pausedUntil;
    }

    /**
     * Writes the book when something changed, or when renewals have moved the running bans' ends far enough.
     *
     * @return true when it was written, false when there was no need
     */
    boolean save(Instant now) throws IOException {
        if (!changed && !isStale(now)) {
            return false;
        }
        file.write(new BookFile.Contents(active(), history(), pausedUntil), now);
        changed = false;
        savedAt = now;
        return true;
    }

    /** A quarter of the shortest TTL: a restart then still finds three quarters of every renewal. */
    private boolean isStale(Instant now) {
        var shortest = active.values().stream().map(ban -> ban.life().ttl()).min(Duration::compareTo);
        return shortest.isPresent() && savedAt.isBefore(now.minus(shortest.get().dividedBy(4)));
    }

    private static boolean differOnlyInTime(Ban before, Ban after) {
        return before.policy().equals(after.policy())
                && before.order().equals(after.order())
                && before.cause().vectors().equals(after.cause().vectors())
                && before.measure().dryRun() == after.measure().dryRun()
                && before.measure().method() == after.measure().method();
    }
}
