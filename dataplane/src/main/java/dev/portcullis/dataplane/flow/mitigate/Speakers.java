package dev.portcullis.dataplane.flow.mitigate;

import java.util.Collection;
import java.util.List;

/** Who tells routers what the bans of a policy come to. Any thread. */
public interface Speakers {
    /** The announcer of {@code policy}: one that takes nothing when the policy has no BGP speaker. */
    Announcer of(String policy);

    /** Every announcer there is, each once. */
    Collection<Announcer> all();

    /** No speaker: everything is decided and recorded, nobody is told. */
    static Speakers none() {
        return new Speakers() {
            @Override
            public Announcer of(String policy) {
                return SILENT;
            }

            @Override
            public Collection<Announcer> all() {
                return List.of();
            }
        };
    }

    /** Takes nothing and has no neighbour. */
    Announcer SILENT = new Announcer() {
        @Override
        public void replace(List<Announcement> announcements) {}

        @Override
        public int carriedBy(Announcement announcement) {
            return 0;
        }

        @Override
        public boolean canCarry(Announcement announcement) {
            return false;
        }

        @Override
        public List<PeerState> peers() {
            return List.of();
        }
    };
}
