package dev.portcullis.dataplane.flow;

import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.window.HostSums;
import dev.portcullis.dataplane.flow.window.Metric;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * The last hour of the {@link #HEAVIEST} hosts at each time, a point each {@value #SECONDS} s, of {@link #MOST} hosts at most:
 * 22 MB. Written by the tick, read by any thread.
 */
final class TrafficHistory {
    /** Seconds from one point to the next. */
    static final int SECONDS = 10;

    /** Points kept of a host: an hour. */
    static final int POINTS = 360;

    /** Hosts noted at one time. */
    static final int HEAVIEST = 1000;

    /** Hosts remembered. */
    static final int MOST = 2000;

    private final Map<InetAddress, Series> series = new HashMap<>();
    private final HistoryPages pages = new HistoryPages();
    private long lastSlot;

    /**
     * One moment of one host.
     *
     * @param normalPackets what is usual of it a second, 0 where nothing is learned
     */
    record Point(Instant at, double packets, double bits, double flows, boolean inAttack, double normalPackets) {}

    private static final class Series {
        final int number;
        long latest;

        Series(int number) {
            this.number = number;
        }
    }

    private record Row(int number, long packets) {}

    /** Notes the heaviest hosts, once each {@value #SECONDS} s; at other times it does nothing. */
    synchronized void note(
            HostSums sums, Set<InetAddress> attacked, ToDoubleFunction<InetAddress> normalPackets, Instant now) {
        var slot = now.getEpochSecond() / SECONDS;
        if (slot == lastSlot) {
            return;
        }
        lastSlot = slot;
        var heaviest = new PriorityQueue<Row>(Comparator.comparingLong(Row::packets));
        for (var row = 0; row < sums.size(); row++) {
            rank(row, sums.sum(row, Metric.PPS.counter()), heaviest);
        }
        for (var row : heaviest) {
            note(sums, row.number(), attacked, normalPackets, slot);
        }
        if (series.size() > MOST) {
            var latest = series.values().stream()
                    .mapToLong(each -> each.latest)
                    .sorted()
                    .toArray();
            var oldest = latest[latest.length - MOST];
            forget(each -> each.latest < oldest || each.latest < slot - POINTS);
            // Of those last seen at one time any.
            forget(each -> series.size() > MOST && each.latest == oldest);
        }
    }

    private void forget(Predicate<Series> which) {
        for (var all = series.values().iterator(); all.hasNext(); ) {
            var each = all.next();
            if (which.test(each)) {
                pages.giveBack(each.number);
                all.remove();
            }
        }
    }

    private static void rank(int row, long packets, PriorityQueue<Row> heaviest) {
        if (packets > 0
                && (heaviest.size() < HEAVIEST || packets > heaviest.element().packets())) {
            heaviest.add(new Row(row, packets));
            if (heaviest.size() > HEAVIEST) {
                heaviest.remove();
            }
        }
    }

    /** Hosts remembered now. */
    synchronized int hosts() {
        return series.size();
    }

    private void note(
            HostSums sums, int row, Set<InetAddress> attacked, ToDoubleFunction<InetAddress> normalPackets, long slot) {
        var host = IpBits.address(sums.high(row), sums.low(row));
        var into = series.computeIfAbsent(host, unseen -> new Series(pages.take()));
        into.latest = slot;
        pages.write(
                into.number,
                slot,
                attacked.contains(host),
                (float) sums.rate(row, Metric.PPS),
                (float) sums.rate(row, Metric.MBPS),
                (float) sums.rate(row, Metric.FLOWS_PER_SEC),
                (float) normalPackets.applyAsDouble(host));
    }

    /** What is known of a host from {@code from} to {@code to}, oldest first; empty where nothing is. */
    synchronized List<Point> points(InetAddress host, Instant from, Instant to) {
        var of = series.get(host);
        var points = new ArrayList<Point>();
        if (of == null) {
            return points;
        }
        var first = Math.max(from.getEpochSecond() / SECONDS, of.latest - POINTS + 1);
        for (var slot = first; slot <= Math.min(to.getEpochSecond() / SECONDS, of.latest); slot++) {
            if (pages.holds(of.number, slot)) {
                points.add(new Point(
                        Instant.ofEpochSecond(slot * SECONDS),
                        pages.value(of.number, slot, HistoryPages.PACKETS),
                        pages.value(of.number, slot, HistoryPages.BITS),
                        pages.value(of.number, slot, HistoryPages.FLOWS),
                        pages.attacked(of.number, slot),
                        pages.value(of.number, slot, HistoryPages.NORMAL_PACKETS)));
            }
        }
        return points;
    }
}
