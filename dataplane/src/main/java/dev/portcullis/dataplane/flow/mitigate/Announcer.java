package dev.portcullis.dataplane.flow.mitigate;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells routers. All methods return at once; a session that comes up later is told everything announced by then. */
public interface Announcer {
    /** Makes {@code announcements} the whole of what is announced: adds what is new, withdraws what is gone. */
    void replace(List<Announcement> announcements);

    /** How many established sessions carry the family of {@code announcement} and have it written to them. */
    int carriedBy(Announcement announcement);

    /** True when at least one established session takes the family of {@code announcement}. */
    boolean canCarry(Announcement announcement);

    /** The neighbours as they are now. */
    List<PeerState> peers();

    /**
     * One neighbour.
     *
     * @param state Idle, Connect, Active, OpenSent, OpenConfirm or Established (RFC 4271 section 8)
     * @param since when it entered the state
     * @param announced routes and rules written to it
     * @param lastError last NOTIFICATION or connection error in words, or null
     */
    record PeerState(
            String name,
            String address,
            long remoteAsn,
            String state,
            Instant since,
            int announced,
            @Nullable String lastError) {}
}
