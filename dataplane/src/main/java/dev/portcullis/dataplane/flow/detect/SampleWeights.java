package dev.portcullis.dataplane.flow.detect;

import dev.portcullis.dataplane.flow.window.HostSample;
import java.util.Arrays;
import java.util.List;

/**
 * What one record of each worker's sample counts for. Samples are of one size however much their workers saw: side by side
 * each must weigh as much as the records it was drawn from. On average over all records the weight is 1. Pure.
 */
final class SampleWeights {
    private SampleWeights() {}

    /** The weight of a record of each of {@code samples}, in their order. */
    static double[] of(List<HostSample> samples) {
        var weights = new double[samples.size()];
        var recent = 0.0;
        var size = 0L;
        for (var sample : samples) {
            recent += sample.recent();
            size += sample.size();
        }
        Arrays.fill(weights, 1);
        // Where nothing came lately all are equally old.
        for (var i = 0; samples.size() > 1 && recent > 0 && i < weights.length; i++) {
            var sample = samples.get(i);
            weights[i] = sample.size() == 0 ? 0 : sample.recent() / sample.size() * (size / recent);
        }
        return weights;
    }
}
