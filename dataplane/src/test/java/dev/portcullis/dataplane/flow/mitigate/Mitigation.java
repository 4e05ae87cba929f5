package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.dataplane.flow.FlowConfigs;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.metrics.MitigationMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reconciler with its book, one router and a clock that a test moves. */
final class Mitigation {
    final RecordingSpeaker router = new RecordingSpeaker();
    final MitigationBook book;
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final BanReconciler reconciler;
    private Protection protection = FlowConfigs.protection("{}");
    private Instant now;

    Mitigation(Path directory) {
        this(directory, Attacks.START);
    }

    Mitigation(Path directory, Instant now) {
        this.now = now;
        book = MitigationBook.open(directory, now);
        reconciler = new BanReconciler(book, router, new MitigationMetrics(registry, Mitigator.rejectionReasons()));
    }

    Mitigation under(String policy) {
        return under(FlowConfigs.protection(policy));
    }

    Mitigation under(Protection newProtection) {
        protection = newProtection;
        return this;
    }

    Protection protection() {
        return protection;
    }

    /** The detector speaks of {@code attacks}, then a round follows. */
    Mitigation sees(Attack... attacks) {
        for (var attack : attacks) {
            reconciler.observe(attack, now);
        }
        return round();
    }

    Mitigation round() {
        reconciler.round(protection, now);
        return this;
    }

    Mitigation after(Duration time) {
        now = now.plus(time);
        return this;
    }

    Instant now() {
        return now;
    }

    Ban bans(String target) {
        return orders(new BanRequest(InetAddress.ofLiteral(target), null, null, "noc", null));
    }

    Ban orders(BanRequest request) {
        var ban = reconciler.ban(request, protection, now);
        round();
        return ban;
    }

    void unbans(String target) {
        reconciler.unban(InetAddress.ofLiteral(target), "noc", now);
        round();
    }

    void withdrawsAll(@Nullable Instant pauseUntil) {
        reconciler.withdrawAll("noc", pauseUntil, now);
        round();
    }

    Mitigation saves() throws IOException {
        book.save(now);
        return this;
    }

    List<Ban> bans() {
        return reconciler.bans();
    }

    List<String> announced() {
        return router.announced().stream().map(Mitigation::anchor).sorted().toList();
    }

    static String anchor(Announcement announcement) {
        return switch (announcement) {
            case Announcement.BlackholeRoute route -> route.prefix().toString();
            case Announcement.FlowSpecRule rule ->
                (rule.destination() == null ? "from " + rule.source() : "to " + rule.destination())
                        + (rule.protocol() < 0 ? "" : " protocol " + rule.protocol())
                        + (rule.sourcePort() < 0 ? "" : " source port " + rule.sourcePort());
        };
    }

    double gauge(String name, String mode) {
        return registry.scrape(name::equals).stream()
                .flatMap(family -> ((GaugeSnapshot) family).getDataPoints().stream())
                .filter(point -> point.getLabels().equals(Labels.of("mode", mode)))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    double rejected() {
        return counter("kapkan_mitigate_bans_rejected", Labels.EMPTY);
    }

    double rejectedFor(Refusal refusal) {
        return counter("portcullis_mitigate_rejections", Labels.of("reason", refusal.label()));
    }

    private double counter(String name, Labels labels) {
        return registry.scrape(name::equals).stream()
                .flatMap(family -> ((CounterSnapshot) family).getDataPoints().stream())
                .filter(point -> point.getLabels().equals(labels))
                .findFirst()
                .orElseThrow()
                .getValue();
    }
}
