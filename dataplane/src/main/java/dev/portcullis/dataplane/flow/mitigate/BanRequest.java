package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import java.net.InetAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A ban asked for by hand.
 *
 * @param ttl its life, or null for the policy's; {@link #MIN_TTL} to {@link #MAX_TTL}
 * @param method FlowSpec or Blackhole, or null for the policy's
 * @param by who asks: the API token's name
 * @param reason why, or null
 */
public record BanRequest(
        InetAddress target,
        @Nullable Duration ttl,
        @Nullable Method method,
        String by,
        @Nullable String reason) {
    /** Shortest life of a ban by hand. */
    public static final Duration MIN_TTL = Duration.ofSeconds(1);
    /** Longest life of a ban by hand. */
    public static final Duration MAX_TTL = Duration.ofDays(7);
}
