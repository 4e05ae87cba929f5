package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** One neighbour that takes what it is told to take, and remembers everything it ever heard. */
public final class RecordingSpeaker implements Announcer, Speakers {
    private final List<List<Announcement>> told = new ArrayList<>();
    private boolean takesFlowSpec = true;
    private boolean takesRoutes = true;

    /** What is announced now. */
    public synchronized List<Announcement> announced() {
        return told.isEmpty() ? List.of() : told.getLast();
    }

    /** What was announced, call by call. */
    synchronized List<List<Announcement>> told() {
        return List.copyOf(told);
    }

    synchronized void takes(boolean flowSpec, boolean routes) {
        takesFlowSpec = flowSpec;
        takesRoutes = routes;
    }

    @Override
    public synchronized void replace(List<Announcement> announcements) {
        told.add(List.copyOf(announcements));
    }

    @Override
    public synchronized int carriedBy(Announcement announcement) {
        return canCarry(announcement) && announced().contains(announcement) ? 1 : 0;
    }

    @Override
    public synchronized boolean canCarry(Announcement announcement) {
        return announcement instanceof FlowSpecRule ? takesFlowSpec : takesRoutes;
    }

    @Override
    public List<PeerState> peers() {
        return List.of(new PeerState(
                "edge-1",
                "192.0.2.254",
                65000,
                "Established",
                Attacks.START,
                announced().size(),
                null));
    }

    @Override
    public Announcer of(String policy) {
        return this;
    }

    @Override
    public Collection<Announcer> all() {
        return List.of(this);
    }
}
