package dev.portcullis.dataplane.flow;

import dev.portcullis.dataplane.flow.decode.IpBits;
import dev.portcullis.dataplane.flow.detect.Detector;
import dev.portcullis.dataplane.flow.detect.FlowPolicy;
import dev.portcullis.dataplane.flow.detect.Rates;
import dev.portcullis.dataplane.flow.window.HostSums;
import dev.portcullis.dataplane.flow.window.Metric;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A part of the list of tracked hosts, as of the latest tick. Immutable.
 *
 * @param total hosts tracked, as {@link HostSums#tracked} counts them; those too light for counters of their own are in it and on
 *     no page
 * @param listed hosts that pages hold
 */
public record HostPage(List<Host> hosts, int total, int listed) {
    /** The deepest that a page may end. */
    public static final int DEEPEST = 100_000;

    public HostPage {
        hosts = List.copyOf(hosts);
    }

    /** The order of the list, heaviest first. */
    public enum Sort {
        PACKETS(Metric.PPS),
        BITS(Metric.MBPS),
        FLOWS(Metric.FLOWS_PER_SEC);

        private final Metric metric;

        Sort(Metric metric) {
            this.metric = metric;
        }
    }

    /**
     * One host.
     *
     * @param incoming rates towards it
     * @param outgoing rates from it, zero where that is not judged
     */
    public record Host(InetAddress target, String group, Rates incoming, Rates outgoing) {}

    private record Row(int incoming, int outgoing, double weight) {}

    /** Selects the hosts from {@code offset} on; only rows of both sums are touched, and {@code limit} hosts made. */
    static HostPage of(
            HostSums in, HostSums out, FlowPolicy policy, @Nullable String group, int offset, int limit, Sort sort) {
        var wanted = Math.min(DEEPEST, Math.addExact(offset, limit));
        var best = new PriorityQueue<Row>(Comparator.comparingDouble(Row::weight));
        var others = 0;
        for (var row = 0; row < in.size(); row++) {
            if (!isOf(in, row, policy, group)) {
                others++;
                continue;
            }
            var other = out.find(in.high(row), in.low(row));
            offer(best, new Row(row, other, weight(in, row, out, other, sort)), wanted);
        }
        var onlyOut = 0;
        for (var row = 0; row < out.size(); row++) {
            if (in.find(out.high(row), out.low(row)) < 0 && isOf(out, row, policy, group)) {
                onlyOut++;
                offer(best, new Row(-1, row, weight(in, -1, out, row, sort)), wanted);
            }
        }
        var rows = new ArrayList<>(best);
        rows.sort(Comparator.comparingDouble((Row row) -> -row.weight()));
        var hosts = new ArrayList<Host>();
        for (var row : rows.subList(Math.min(offset, rows.size()), Math.min(wanted, rows.size()))) {
            hosts.add(host(in, out, row, policy));
        }
        var listed = in.size() - others + onlyOut;
        // Which group a host without rates is of is not counted.
        return new HostPage(hosts, group == null ? HostSums.tracked(in, out) : listed, listed);
    }

    private static boolean isOf(HostSums sums, int row, FlowPolicy policy, @Nullable String group) {
        if (group == null) {
            return true;
        }
        var number = policy.window().networks().lookup(sums.high(row), sums.low(row));
        return number >= 0 && policy.groups().get(number).name().equals(group);
    }

    private static void offer(PriorityQueue<Row> best, Row row, int wanted) {
        best.add(row);
        if (best.size() > wanted) {
            best.remove();
        }
    }

    private static double weight(HostSums in, int inRow, HostSums out, int outRow, Sort sort) {
        return (inRow < 0 ? 0 : in.rate(inRow, sort.metric)) + (outRow < 0 ? 0 : out.rate(outRow, sort.metric));
    }

    private static Host host(HostSums in, HostSums out, Row row, FlowPolicy policy) {
        var sums = row.incoming() >= 0 ? in : out;
        var at = row.incoming() >= 0 ? row.incoming() : row.outgoing();
        var group = policy.window().networks().lookup(sums.high(at), sums.low(at));
        return new Host(
                IpBits.address(sums.high(at), sums.low(at)),
                group < 0 ? "" : policy.groups().get(group).name(),
                row.incoming() < 0 ? Rates.ZERO : Detector.rates(in, row.incoming()),
                row.outgoing() < 0 ? Rates.ZERO : Detector.rates(out, row.outgoing()));
    }
}
