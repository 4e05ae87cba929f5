package dev.portcullis.dataplane.flow.bgp;

import dev.portcullis.dataplane.flow.mitigate.Announcement;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** All that should be announced, by what identifies it to a neighbour. Immutable. */
final class RouteTable {
    /** Most routes and rules announced at once. */
    static final int MAX_ROUTES = 100_000;

    static final RouteTable EMPTY = new RouteTable(Map.of());

    /** Why an announcement is left out. */
    enum Refusal {
        /** No UPDATE can say it. */
        Invalid,
        /** The table is full. */
        Limit
    }

    private final Map<Nlri, Route> routes;

    private RouteTable(Map<Nlri, Route> routes) {
        this.routes = routes;
    }

    /**
     * The table of {@code announcements}; of several for the same prefix or match the last one holds.
     *
     * @param max most routes kept, in the order of the list
     * @param refused told of each one left out, with the reason in words
     */
    static RouteTable of(List<Announcement> announcements, int max, BiConsumer<Refusal, String> refused) {
        var routes = new LinkedHashMap<Nlri, Route>();
        for (var announcement : announcements) {
            Route route;
            try {
                route = Route.of(announcement);
            } catch (IllegalArgumentException invalid) {
                refused.accept(Refusal.Invalid, String.valueOf(invalid.getMessage()));
                continue;
            }
            if (routes.size() < max || routes.containsKey(route.nlri())) {
                routes.put(route.nlri(), route);
            } else {
                refused.accept(Refusal.Limit, "more than " + max + " routes");
            }
        }
        return new RouteTable(routes);
    }

    @Nullable
    Route get(Nlri nlri) {
        return routes.get(nlri);
    }

    Collection<Route> routes() {
        return routes.values();
    }
}
