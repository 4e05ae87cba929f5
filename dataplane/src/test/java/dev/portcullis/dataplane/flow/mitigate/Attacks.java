package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.Rates;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Attacks for tests. */
public final class Attacks {
    public static final Instant START = Instant.parse("2026-11-22T00:00:00Z");

    private Attacks() {}

    public static Attack on(String target, String type) {
        return on(target, type, 0, Attack.Direction.INCOMING);
    }

    static Attack on(String target, String type, int sourcePort, Attack.Direction direction) {
        return new Attack(
                type + "-" + direction.label() + "-" + target,
                InetAddress.ofLiteral(target),
                direction,
                "global",
                "edge",
                "pps",
                100_000,
                80_000,
                Rates.ZERO,
                new Attack.Classification(type, 0.9, sourcePort),
                Attack.Sample.EMPTY,
                START,
                null);
    }

    static Attack mixed(String target, double total, Attack.Share... sourcePorts) {
        var plain = on(target, "mixed");
        var sample = new Attack.Sample(List.of(), Arrays.asList(sourcePorts), List.of(), List.of(), total);
        return new Attack(
                plain.id(),
                plain.target(),
                plain.direction(),
                plain.group(),
                plain.mitigationPolicy(),
                plain.metric(),
                plain.rate(),
                plain.threshold(),
                plain.rates(),
                plain.classification(),
                sample,
                plain.startedAt(),
                null);
    }

    public static Attack ended(Attack attack) {
        return new Attack(
                attack.id(),
                attack.target(),
                attack.direction(),
                attack.group(),
                attack.mitigationPolicy(),
                attack.metric(),
                attack.rate(),
                attack.threshold(),
                attack.rates(),
                attack.classification(),
                attack.sample(),
                attack.startedAt(),
                START.plusSeconds(3600));
    }
}
