package dev.portcullis.dataplane.flow.api;

import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.Rates;
import dev.portcullis.dataplane.flow.mitigate.Ban;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An attack as the API shows it.
 *
 * @param scope host, prefix or group
 * @param prefix the target and how many of its bits count
 * @param hosts hosts in the latest sample
 * @param vectors every kind of traffic that is a tenth of it or more
 * @param policy name of the MitigationPolicy that applies
 * @param banState active, withdrawn or rejected; absent when no ban was tried
 * @param method what is done about it; absent without a ban
 */
record AttackView(
        String id,
        String scope,
        String target,
        String prefix,
        int hosts,
        String group,
        String direction,
        String metric,
        double rate,
        double threshold,
        RatesView rates,
        boolean active,
        @Nullable String policy,
        @Nullable String banState,
        @Nullable String banReason,
        @Nullable String method,
        @Nullable String route,
        @Nullable List<BanView.RuleView> flowspec,
        @Nullable Boolean dryRun,
        String startedAt,
        @Nullable String endedAt,
        PeakView peak,
        BasisView reason,
        SampleView sample,
        ClassificationView classification,
        List<ClassificationView> vectors) {

    /** Per second; Mbit a second where the name says so. Classes without traffic are left out. */
    record RatesView(
            double pps,
            double mbps,
            double flowsPerSec,
            @Nullable Double tcpPps,
            @Nullable Double tcpMbps,
            @Nullable Double udpPps,
            @Nullable Double udpMbps,
            @Nullable Double icmpPps,
            @Nullable Double icmpMbps,
            @Nullable Double tcpSynPps,
            @Nullable Double tcpSynMbps,
            @Nullable Double fragPps,
            @Nullable Double fragMbps) {
        static RatesView of(Rates rates) {
            return new RatesView(
                    rates.packets(),
                    rates.bits() / 1e6,
                    rates.flows(),
                    unlessZero(rates.tcpPackets()),
                    unlessZero(rates.tcpBits() / 1e6),
                    unlessZero(rates.udpPackets()),
                    unlessZero(rates.udpBits() / 1e6),
                    unlessZero(rates.icmpPackets()),
                    unlessZero(rates.icmpBits() / 1e6),
                    unlessZero(rates.tcpSynPackets()),
                    unlessZero(rates.tcpSynBits() / 1e6),
                    unlessZero(rates.fragmentPackets()),
                    unlessZero(rates.fragmentBits() / 1e6));
        }

        private static @Nullable Double unlessZero(double rate) {
            return rate == 0 ? null : rate;
        }
    }

    /**
     * The heaviest parts of a sample, corrected for sampling.
     *
     * @param missing why there is none, where {@code records} is 0
     */
    record SampleView(
            List<Attack.Share> topSources,
            List<Attack.Share> topSrcPorts,
            List<Attack.Share> topDstPorts,
            List<Attack.Share> protocols,
            double totalPackets,
            int records,
            @Nullable String missing) {
        private static final String NONE_SAMPLED =
                "none of its records were sampled: it was over before one was, or more is"
                        + " near a limit at once than there are samples for (portcullis_window_refused_samples_total)";

        static SampleView of(Attack.Sample sample) {
            return new SampleView(
                    sample.topSources(),
                    sample.topSourcePorts(),
                    sample.topDestinationPorts(),
                    sample.protocols(),
                    sample.totalPackets(),
                    sample.records(),
                    sample.records() == 0 ? NONE_SAMPLED : null);
        }
    }

    /** The highest rates so far. */
    record PeakView(double pps, double mbps) {}

    /** Where the threshold came from. */
    record BasisView(String thresholdSource, @Nullable Double normal) {}

    /** What kind of attack it is. */
    record ClassificationView(
            String type, double confidence, @Nullable Integer srcPort) {
        static ClassificationView of(Attack.Classification classification) {
            return new ClassificationView(
                    classification.type(),
                    classification.confidence(),
                    classification.sourcePort() == 0 ? null : classification.sourcePort());
        }
    }

    static AttackView of(Attack attack, @Nullable Ban ban) {
        var view = ban == null ? null : BanView.of(ban);
        return new AttackView(
                attack.id(),
                attack.extent().scope().label(),
                attack.target().getHostAddress(),
                attack.target().getHostAddress() + "/" + attack.extent().prefixLength(),
                attack.extent().hosts(),
                attack.group(),
                attack.direction().label(),
                attack.metric(),
                attack.rate(),
                attack.threshold(),
                RatesView.of(attack.rates()),
                attack.endedAt() == null,
                attack.mitigationPolicy(),
                view == null ? null : view.state(),
                view == null ? null : view.reason(),
                view == null ? null : view.method(),
                view == null ? null : view.route(),
                view == null ? null : view.flowspec(),
                view == null ? null : view.dryRun(),
                attack.startedAt().toString(),
                attack.endedAt() == null ? null : attack.endedAt().toString(),
                new PeakView(attack.peak().packets(), attack.peak().bits() / 1e6),
                new BasisView(
                        attack.basis().source(),
                        attack.basis().normal() == 0 ? null : attack.basis().normal()),
                SampleView.of(attack.sample()),
                ClassificationView.of(attack.classification()),
                attack.vectors().stream().map(ClassificationView::of).toList());
    }
}
