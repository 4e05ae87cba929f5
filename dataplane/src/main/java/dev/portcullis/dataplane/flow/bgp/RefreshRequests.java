package dev.portcullis.dataplane.flow.bgp;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gathers a neighbour's ROUTE-REFRESHes (RFC 2918), so that the table is repeated once a period however often it asks. */
final class RefreshRequests {
    private final Timers timers;
    private final Duration period;
    private final Consumer<Set<AddressFamily>> repeat;
    private final Set<AddressFamily> asked = EnumSet.noneOf(AddressFamily.class);
    private Timers.@Nullable Timer planned;

    RefreshRequests(Timers timers, Duration period, Consumer<Set<AddressFamily>> repeat) {
        this.timers = timers;
        this.period = period;
        this.repeat = repeat;
    }

    void add(AddressFamily family) {
        asked.add(family);
        if (planned == null) {
            planned = timers.after(period, () -> {
                var families = EnumSet.copyOf(asked);
                clear();
                repeat.accept(families);
            });
        }
    }

    /** The session that asked is over. */
    void clear() {
        asked.clear();
        if (planned != null) {
            planned.cancel();
            planned = null;
        }
    }
}
