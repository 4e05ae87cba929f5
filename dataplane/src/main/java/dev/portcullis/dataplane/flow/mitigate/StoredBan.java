package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import dev.portcullis.dataplane.flow.detect.Attack;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A ban as the file has it. What routers are told is not kept: a running ban is planned anew under the configuration it
 * finds.
 */
record StoredBan(
        String target,
        String policy,
        String state,
        boolean manual,
        @Nullable String orderedMethod,
        @Nullable String by,
        @Nullable String orderedFor,
        @Nullable String metric,
        double rate,
        double threshold,
        List<StoredVector> vectors,
        List<String> attackIds,
        String method,
        boolean dryRun,
        String startedAt,
        String expiresAt,
        long ttlMillis,
        @Nullable String withdrawnAt,
        @Nullable String reason) {

    record StoredVector(String direction, String type, int sourcePort) {}

    static StoredBan of(Ban ban) {
        var order = ban.order();
        var cause = ban.cause();
        var life = ban.life();
        return new StoredBan(
                ban.target().getHostAddress(),
                ban.policy(),
                ban.state().label(),
                order.manual(),
                order.method() == null ? null : order.method().name(),
                order.by(),
                order.reason(),
                cause.metric(),
                cause.rate(),
                cause.threshold(),
                cause.vectors().stream()
                        .map(vector -> new StoredVector(vector.direction().label(), vector.type(), vector.sourcePort()))
                        .toList(),
                cause.attackIds(),
                ban.measure().method().name(),
                ban.measure().dryRun(),
                life.startedAt().toString(),
                life.expiresAt().toString(),
                life.ttl().toMillis(),
                life.withdrawnAt() == null ? null : life.withdrawnAt().toString(),
                life.endedFor());
    }

    /**
     * The ban, without announcements.
     *
     * @throws RuntimeException when a field is missing or makes no sense
     */
    Ban toBan() {
        return new Ban(
                InetAddress.ofLiteral(target),
                Objects.requireNonNull(policy, "policy"),
                Ban.State.valueOf(state.toUpperCase(Locale.ROOT)),
                new Ban.Order(manual, orderedMethod == null ? null : Method.valueOf(orderedMethod), by, orderedFor),
                new Ban.Cause(
                        metric,
                        rate,
                        threshold,
                        vectors.stream().map(StoredBan::vector).toList(),
                        attackIds),
                new Ban.Measure(Method.valueOf(method), dryRun, List.of(), null, 0, false),
                new Ban.Life(
                        Instant.parse(startedAt),
                        Instant.parse(expiresAt),
                        Duration.ofMillis(ttlMillis),
                        null,
                        false,
                        withdrawnAt == null ? null : Instant.parse(withdrawnAt),
                        reason));
    }

    private static Vector vector(StoredVector stored) {
        return new Vector(
                Attack.Direction.valueOf(stored.direction().toUpperCase(Locale.ROOT)),
                Objects.requireNonNull(stored.type(), "type"),
                stored.sourcePort());
    }
}
