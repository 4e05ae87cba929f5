package dev.portcullis.dataplane.flow.bgp;

import dev.portcullis.dataplane.flow.mitigate.Announcement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * What one established session has been told (RFC 4271 section 3.2), and the difference to what it should be told. Never
 * larger than two tables. One thread changes it; any thread may ask what is announced.
 */
final class AdjRibOut {
    /**
     * Routes that fit into one UPDATE.
     *
     * @param attributes null to withdraw
     */
    record Batch(AddressFamily family, @Nullable PathAttributes attributes, List<Nlri> nlri, List<Route> routes) {}

    private record Group(AddressFamily family, PathAttributes attributes) {}

    private final Set<AddressFamily> families;
    private final Map<Nlri, Route> told = new HashMap<>();
    private final Set<Nlri> repeat = new HashSet<>();
    private final Map<Nlri, Announcement> announced = new ConcurrentHashMap<>();
    private final AtomicIntegerArray counts = new AtomicIntegerArray(AddressFamily.values().length);

    AdjRibOut(Set<AddressFamily> families) {
        this.families = families;
    }

    /** What to write so that the neighbour knows {@code desired}: what is new or different first, then what is gone. */
    Deque<Batch> difference(RouteTable desired) {
        var batches = new ArrayDeque<Batch>();
        var reach = new LinkedHashMap<Group, List<Route>>();
        for (var route : desired.routes()) {
            var family = route.nlri().family();
            if (families.contains(family) && (!route.equals(told.get(route.nlri())) || repeat.contains(route.nlri()))) {
                reach.computeIfAbsent(new Group(family, route.attributes()), group -> new ArrayList<>())
                        .add(route);
            }
        }
        reach.forEach((group, routes) -> split(group.family(), group.attributes(), routes, batches));
        var gone = new EnumMap<AddressFamily, List<Route>>(AddressFamily.class);
        for (var route : told.values()) {
            if (desired.get(route.nlri()) == null) {
                gone.computeIfAbsent(route.nlri().family(), family -> new ArrayList<>())
                        .add(route);
            }
        }
        gone.forEach((family, routes) -> split(family, null, routes, batches));
        return batches;
    }

    private static void split(
            AddressFamily family, @Nullable PathAttributes attributes, List<Route> routes, Deque<Batch> batches) {
        var start = 0;
        var octets = 0;
        for (var i = 0; i <= routes.size(); i++) {
            var length = i < routes.size() ? routes.get(i).nlri().length() : UpdateCodec.MAX_NLRI_LENGTH;
            if (octets + length > UpdateCodec.MAX_NLRI_LENGTH) {
                var part = List.copyOf(routes.subList(start, i));
                var nlri = part.stream().map(Route::nlri).toList();
                batches.add(new Batch(family, attributes, nlri, part));
                start = i;
                octets = 0;
            }
            octets += length;
        }
    }

    /** Makes {@link #difference} name all routes of {@code family} again. */
    void repeat(AddressFamily family) {
        for (var nlri : told.keySet()) {
            if (nlri.family() == family) {
                repeat.add(nlri);
            }
        }
    }

    /** {@code batch} is on its way. */
    void sent(Batch batch) {
        for (var route : batch.routes()) {
            repeat.remove(route.nlri());
            if (batch.attributes() == null) {
                told.remove(route.nlri());
            } else {
                told.put(route.nlri(), route);
            }
        }
    }

    /** {@code batch} was written to the socket. */
    void written(Batch batch) {
        var family = batch.family().ordinal();
        for (var route : batch.routes()) {
            if (batch.attributes() == null) {
                if (announced.remove(route.nlri()) != null) {
                    counts.decrementAndGet(family);
                }
            } else if (announced.put(route.nlri(), route.announcement()) == null) {
                counts.incrementAndGet(family);
            }
        }
    }

    boolean announces(Route route) {
        return route.announcement().equals(announced.get(route.nlri()));
    }

    int announced(AddressFamily family) {
        return counts.get(family.ordinal());
    }

    int announced() {
        return announced.size();
    }

    Set<AddressFamily> families() {
        return families;
    }
}
