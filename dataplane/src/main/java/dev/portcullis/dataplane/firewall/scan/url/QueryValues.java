package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.dataplane.firewall.scan.view.Fragments;
import java.util.ArrayList;
import java.util.Comparator;

/** The values of a query in a row: in their order, and in the order of their names, in which a receiver may read them. */
final class QueryValues {
    /** Parameters that are put in the order of their names at most. */
    private static final int MOST = 64;

    private record Pair(String name, int from, int to) {}

    private QueryValues() {}

    /** Puts the values of {@code query}, whose bytes are {@code bytes}, in the order of their names into {@code out}; false where that is the order they are in. */
    static boolean sorted(String query, byte[] bytes, Fragments out) {
        if (bytes.length != query.length()) {
            return false;
        }
        var pairs = new ArrayList<Pair>();
        var start = 0;
        while (start <= query.length() && pairs.size() < MOST) {
            var end = query.indexOf('&', start);
            end = end < 0 ? query.length() : end;
            var equals = query.indexOf('=', start);
            if (equals >= start && equals < end) {
                pairs.add(new Pair(query.substring(start, equals), equals + 1, end));
            }
            start = end + 1;
        }
        var inOrder = new ArrayList<>(pairs);
        inOrder.sort(Comparator.comparing(Pair::name));
        if (inOrder.equals(pairs)) {
            return false;
        }
        out.clear();
        for (var pair : inOrder) {
            out.addValue(bytes, pair.from(), pair.to());
        }
        return true;
    }
}
