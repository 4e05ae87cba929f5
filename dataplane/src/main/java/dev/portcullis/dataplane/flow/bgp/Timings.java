package dev.portcullis.dataplane.flow.bgp;

import java.time.Duration;

/**
 * Periods that are not configured.
 *
 * @param retryMin first wait before a new attempt; doubles with each failure
 * @param retryMax longest wait before a new attempt
 * @param openHold how long a neighbour may take to answer with an OPEN (RFC 4271 section 8.2.2)
 * @param sendHold how long a neighbour may take nothing of what is written to it (RFC 9687)
 * @param refresh shortest time between two full repeats of the table
 * @param closeGrace how long a NOTIFICATION may take to leave
 */
record Timings(
        Duration retryMin,
        Duration retryMax,
        Duration openHold,
        Duration sendHold,
        Duration refresh,
        Duration closeGrace) {
    static final Timings STANDARD = new Timings(
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofMinutes(4),
            Duration.ofMinutes(8),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2));
}
