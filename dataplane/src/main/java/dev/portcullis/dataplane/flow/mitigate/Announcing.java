package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells every announcer the whole of what it should announce, no more and no less, each round anew. One thread. */
final class Announcing {
    private static final Logger LOG = LoggerFactory.getLogger(Announcing.class);

    private final Speakers speakers;

    Announcing(Speakers speakers) {
        this.speakers = speakers;
    }

    /**
     * Announces the live bans of {@code bans}.
     *
     * @return the bans of {@code bans} of which the routers now know more or less than before
     */
    List<Ban> announce(List<Ban> bans, Protection protection) {
        Map<Announcer, Set<Announcement>> wanted = new IdentityHashMap<>();
        speakers.all().forEach(announcer -> wanted.put(announcer, new LinkedHashSet<>()));
        for (var ban : bans) {
            var told = wanted.get(speakers.of(ban.policy()));
            if (!ban.measure().dryRun() && told != null) {
                ban.measure().announcements().stream()
                        .filter(announcement -> isSafe(announcement, protection))
                        .forEach(told::add);
            }
        }
        wanted.forEach((announcer, announcements) -> announcer.replace(List.copyOf(announcements)));
        return carried(bans);
    }

    private static boolean isSafe(Announcement announcement, Protection protection) {
        if (Guards.announceable(announcement, protection)) {
            return true;
        }
        LOG.error("not announced, though a ban asks for it: {} breaks a safety rule; please report this", announcement);
        return false;
    }

    private List<Ban> carried(List<Ban> bans) {
        var changed = new ArrayList<Ban>();
        for (var ban : bans) {
            var measure = ban.measure();
            var carriedBy = 0;
            if (!measure.dryRun()) {
                var announcer = speakers.of(ban.policy());
                carriedBy = measure.announcements().stream()
                        .mapToInt(announcer::carriedBy)
                        .min()
                        .orElse(0);
            }
            var hides = measure.hidesTraffic() || (measure.method() == Method.Blackhole && carriedBy > 0);
            if (carriedBy != measure.carriedBy() || hides != measure.hidesTraffic()) {
                changed.add(ban.with(measure.known(carriedBy, hides)));
            }
        }
        return changed;
    }
}
