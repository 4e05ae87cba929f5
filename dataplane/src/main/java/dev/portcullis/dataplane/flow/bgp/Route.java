package dev.portcullis.dataplane.flow.bgp;

import dev.portcullis.dataplane.flow.mitigate.Announcement;
import dev.portcullis.dataplane.flow.mitigate.Announcement.BlackholeRoute;
import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import java.util.List;

/** An announcement in the terms of the protocol. Immutable. */
record Route(Nlri nlri, PathAttributes attributes, Announcement announcement) {
    private static final long ORDINARY_LOCAL_PREF = 100;

    /**
     * Translates {@code announcement}.
     *
     * @throws IllegalArgumentException when no UPDATE can say it
     */
    static Route of(Announcement announcement) {
        return switch (announcement) {
            case BlackholeRoute route -> new Route(Nlri.unicast(route.prefix()), attributes(route), announcement);
            case FlowSpecRule rule -> new Route(Nlri.flowSpec(rule), attributes(rule), announcement);
        };
    }

    private static PathAttributes attributes(BlackholeRoute route) {
        if ((route.nextHop().getAddress().length == 16) != route.prefix().v6()) {
            throw new IllegalArgumentException("next hop " + route.nextHop().getHostAddress()
                    + " is not of the address family of " + route.prefix());
        }
        if (route.communities().size() > PathAttributes.MAX_COMMUNITIES) {
            throw new IllegalArgumentException(
                    route.prefix() + " has " + route.communities().size() + " communities; at most "
                            + PathAttributes.MAX_COMMUNITIES + " can be announced");
        }
        if (route.localPref() < 0 || route.localPref() > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException("localPref " + route.localPref() + " is not between 0 and 4294967295");
        }
        var localPref = route.localPref() == 0 ? ORDINARY_LOCAL_PREF : route.localPref();
        return new PathAttributes(route.nextHop(), List.copyOf(route.communities()), localPref, null);
    }

    private static PathAttributes attributes(FlowSpecRule rule) {
        var rate = (float) rule.rateBytes();
        if (!(rate >= 0) || Float.isInfinite(rate)) {
            throw new IllegalArgumentException("rateBytes " + rule.rateBytes() + " is not a rate");
        }
        if (rate == 0 && rule.rateBytes() > 0) {
            throw new IllegalArgumentException("rateBytes " + rule.rateBytes() + " is too small: it would discard");
        }
        return new PathAttributes(null, List.of(), ORDINARY_LOCAL_PREF, Math.abs(rate));
    }
}
