package dev.portcullis.dataplane.flow.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sampling rates by the number of what they are of: samplers and selectors, or interfaces. Immutable. */
final class StatedRates {
    /** None are stated. */
    static final StatedRates NONE = new StatedRates(new long[0], new double[0]);

    // In ascending order.
    private final long[] ids;
    private final double[] rates;

    private StatedRates(long[] ids, double[] rates) {
        this.ids = ids;
        this.rates = rates;
    }

    int size() {
        return ids.length;
    }

    /** The rate of one, 0 where none is stated. */
    double of(long id) {
        var at = Arrays.binarySearch(ids, id);
        return at < 0 ? 0 : rates[at];
    }

    /** These, with {@code rate} for {@code id}. */
    StatedRates with(long id, double rate) {
        var at = Arrays.binarySearch(ids, id);
        if (at >= 0) {
            var changed = rates.clone();
            changed[at] = rate;
            return new StatedRates(ids, changed);
        }
        var place = -at - 1;
        var moreIds = new long[ids.length + 1];
        var moreRates = new double[ids.length + 1];
        System.arraycopy(ids, 0, moreIds, 0, place);
        System.arraycopy(rates, 0, moreRates, 0, place);
        moreIds[place] = id;
        moreRates[place] = rate;
        System.arraycopy(ids, place, moreIds, place + 1, ids.length - place);
        System.arraycopy(rates, place, moreRates, place + 1, ids.length - place);
        return new StatedRates(moreIds, moreRates);
    }

    List<ExporterMemory.Rate> remember() {
        var all = new ArrayList<ExporterMemory.Rate>();
        for (var i = 0; i < ids.length; i++) {
            all.add(new ExporterMemory.Rate(ids[i], rates[i]));
        }
        return all;
    }
}
