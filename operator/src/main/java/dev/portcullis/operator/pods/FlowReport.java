package dev.portcullis.operator.pods;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.v1alpha1.FlowDetectorStatus.AttackSummary;
import dev.portcullis.crd.v1alpha1.MitigationPolicyStatus.Peer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a collector adds to {@code /status}.
 *
 * @param exporters how many exporters were heard in the last minute
 * @param mitigation by name of the MitigationPolicy
 */
public record FlowReport(List<AttackSummary> activeAttacks, int exporters, Map<String, Mitigation> mitigation) {
    /** Most attacks, policies or peers taken from one report; the rest is not looked at. */
    static final int MAX_ITEMS = 10_000;

    /**
     * What a pod does under one MitigationPolicy.
     *
     * @param active bans in force, dry-run ones counted
     * @param rejected bans refused by a safety rule since the pod started
     * @param rules FlowSpec rules of the bans in force
     * @param announced routes and rules announced
     */
    public record Mitigation(int active, long rejected, int rules, int announced, List<Peer> peers) {
        static Mitigation none() {
            return new Mitigation(0, 0, 0, 0, List.of());
        }
    }

    static FlowReport of(JsonNode status) {
        var exporters = status.path("exporters");
        return new FlowReport(
                status.path("activeAttacks")
                        .valueStream()
                        .limit(MAX_ITEMS)
                        .map(FlowReport::attack)
                        .toList(),
                exporters.isNumber() ? exporters.asInt() : exporters.size(),
                mitigation(status));
    }

    private static AttackSummary attack(JsonNode attack) {
        return new AttackSummary(
                attack.path("target").asText(),
                attack.path("vector").asText(),
                attack.path("direction").asText(),
                attack.path("pps").asLong(),
                attack.path("bps").asLong(),
                attack.path("since").asText(),
                attack.path("mitigation").asText("None"));
    }

    private static Map<String, Mitigation> mitigation(JsonNode status) {
        var byPolicy = new TreeMap<String, Mitigation>();
        status.path("bans").valueStream().limit(MAX_ITEMS).forEach(bans -> {
            var peers = status.path("peers")
                    .valueStream()
                    .limit(MAX_ITEMS)
                    .filter(peer -> peer.path("policy")
                            .asText()
                            .equals(bans.path("policy").asText()))
                    .map(FlowReport::peer)
                    .toList();
            byPolicy.put(
                    bans.path("policy").asText(),
                    new Mitigation(
                            bans.path("active").asInt(),
                            bans.path("rejected").asLong(),
                            bans.path("rules").asInt(),
                            bans.path("announced").asInt(),
                            peers));
        });
        return byPolicy;
    }

    private static Peer peer(JsonNode peer) {
        return new Peer(
                peer.path("name").asText(),
                peer.path("address").asText(),
                peer.path("state").asText(),
                peer.path("since").isTextual() ? peer.path("since").asText() : null,
                peer.path("prefixes").asInt());
    }
}
