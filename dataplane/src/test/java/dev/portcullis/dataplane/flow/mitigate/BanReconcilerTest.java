package dev.portcullis.dataplane.flow.mitigate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import dev.portcullis.dataplane.flow.FlowConfigs;
import dev.portcullis.dataplane.flow.detect.Attack;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BanReconcilerTest {
    private static final String VICTIM = "203.0.113.45";
    private static final String LIVE = "{dryRun: false}";
    private static final String LIVE_FLOWSPEC = "{dryRun: false, method: FlowSpec}";
    private static final Attack FLOOD = Attacks.on(VICTIM, "udp_flood");
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration TTL = Duration.ofMinutes(10);

    @TempDir
    Path directory;

    private Mitigation mitigation;

    @BeforeEach
    void open() {
        mitigation = new Mitigation(directory);
    }

    private Ban only() {
        assertThat(mitigation.bans()).hasSize(1);
        return mitigation.bans().getFirst();
    }

    @Test
    void aDryRunDecidesEverythingAndAnnouncesNothing() {
        mitigation.under("{dryRun: true}").sees(FLOOD);

        assertThat(only().state()).isEqualTo(Ban.State.ACTIVE);
        assertThat(only().measure().announcements()).hasSize(1);
        assertThat(mitigation.announced()).isEmpty();
        assertThat(mitigation.gauge("kapkan_mitigate_announced_routes", "dry_run"))
                .isEqualTo(1);
        assertThat(mitigation.gauge("kapkan_mitigate_announced_routes", "real")).isZero();
    }

    @Test
    void aLiveBanIsAnnouncedInTheRoundThatSeesTheAttack() {
        mitigation.under(LIVE).sees(FLOOD);

        assertThat(mitigation.announced()).containsExactly(VICTIM + "/32");
        assertThat(mitigation.gauge("kapkan_mitigate_announced_routes", "real")).isEqualTo(1);
        assertThat(mitigation.gauge("kapkan_mitigate_announced_routes", "dry_run"))
                .isZero();
    }

    @Test
    void rulesOfFlowSpecBansAreCountedByMode() {
        mitigation.under(LIVE_FLOWSPEC).sees(FLOOD, Attacks.on("2001:db8::45", "syn_flood"));

        assertThat(mitigation.gauge("kapkan_mitigate_flowspec_rules", "real")).isEqualTo(2);
        assertThat(mitigation.gauge("kapkan_mitigate_flowspec_rules", "dry_run"))
                .isZero();
    }

    @Test
    void aFlowSpecBanEndsWithItsAttack() {
        mitigation.under(LIVE_FLOWSPEC).sees(FLOOD).sees(Attacks.ended(FLOOD));

        assertThat(mitigation.announced()).isEmpty();
        assertThat(only().state()).isEqualTo(Ban.State.WITHDRAWN);
        assertThat(only().life().endedFor()).isEqualTo("attack ended");
        assertThat(mitigation.gauge("kapkan_mitigate_announced_routes", "real")).isZero();
    }

    @Test
    void aBlackholeThatRoutersHaveOutlivesTheSilenceItMakesUntilItsTtl() {
        mitigation.under(LIVE).sees(FLOOD).round().sees(Attacks.ended(FLOOD));
        assertThat(mitigation.announced()).containsExactly(VICTIM + "/32");
        assertThat(only().life().heldSince()).isEqualTo(mitigation.now());

        mitigation.after(TTL.minus(SECOND)).round();
        assertThat(mitigation.announced()).containsExactly(VICTIM + "/32");

        mitigation.after(SECOND).round();
        assertThat(mitigation.announced()).isEmpty();
        assertThat(only().life().endedFor()).isEqualTo("ttl expired");
    }

    @Test
    void aBlackholeThatNoRouterTookEndsWithItsAttack() {
        mitigation.router.takes(false, false);
        mitigation.under(LIVE).sees(FLOOD).round().sees(Attacks.ended(FLOOD));

        assertThat(mitigation.announced()).isEmpty();
        assertThat(only().life().endedFor()).isEqualTo("attack ended");
    }

    @Test
    void aBanIsRenewedWhileItsAttackLasts() {
        mitigation.under(LIVE_FLOWSPEC).sees(FLOOD);
        for (var minute = 0; minute < 30; minute++) {
            mitigation.after(Duration.ofMinutes(1)).sees(FLOOD);
        }

        assertThat(only().life().startedAt()).isEqualTo(Attacks.START);
        assertThat(only().life().expiresAt()).isEqualTo(mitigation.now().plus(TTL));
        assertThat(mitigation.router.told()).noneMatch(java.util.List::isEmpty);
    }

    @Test
    void aBanOfWhoseAttackNothingIsHeardAnyMoreEndsWithItsTtl() {
        mitigation.under(LIVE_FLOWSPEC).sees(FLOOD);

        mitigation.after(TTL.minus(SECOND)).round();
        assertThat(mitigation.announced()).hasSize(1);

        mitigation.after(SECOND).round().after(SECOND).round();
        assertThat(mitigation.announced()).isEmpty();
        assertThat(only().state()).isEqualTo(Ban.State.WITHDRAWN);
    }

    @Test
    void goingLiveAnnouncesTheRunningBansAndGoingBackWithdrawsThem() {
        mitigation.under("{dryRun: true}").sees(FLOOD);

        mitigation.under(LIVE).sees(FLOOD);
        assertThat(mitigation.announced()).containsExactly(VICTIM + "/32");

        mitigation.under("{dryRun: true}").sees(FLOOD);
        assertThat(mitigation.announced()).isEmpty();
        assertThat(only().state()).isEqualTo(Ban.State.ACTIVE);
        assertThat(mitigation.gauge("kapkan_mitigate_announced_routes", "dry_run"))
                .isEqualTo(1);
    }

    @Test
    void aHeldBlackholeIsReleasedWhenThePolicyGoesBackToDryRun() {
        mitigation.under(LIVE).sees(FLOOD).round().sees(Attacks.ended(FLOOD));

        mitigation.under("{dryRun: true}").round();

        assertThat(mitigation.announced()).isEmpty();
        assertThat(only().state()).isEqualTo(Ban.State.WITHDRAWN);
    }

    @Test
    void aHostWhitelistedLaterIsReleasedAtOnceEvenWhenBannedByHand() {
        mitigation.under(LIVE);
        mitigation.bans(VICTIM);
        assertThat(mitigation.announced()).hasSize(1);

        mitigation.under("{dryRun: false, whitelist: [203.0.113.45]}").round();

        assertThat(mitigation.announced()).isEmpty();
        assertThat(only().life().endedFor()).isEqualTo("whitelisted");
    }

    @Test
    void aPolicyThatIsTakenAwayReleasesItsBans() {
        mitigation.under(LIVE).sees(FLOOD);

        mitigation
                .under(FlowConfigs.protection(
                        "{networks: [203.0.113.0/24], thresholds: {packetsPerSecond: 80k},"
                                + " api: {allowUnauthenticated: true}}",
                        Map.of()))
                .sees(FLOOD);

        assertThat(mitigation.announced()).isEmpty();
        assertThat(only().state()).isEqualTo(Ban.State.WITHDRAWN);
    }

    @Test
    void aNetworkThatIsTakenAwayReleasesItsBans() {
        mitigation.under(LIVE).sees(FLOOD);

        mitigation
                .under(FlowConfigs.protection(
                        "{networks: [198.51.100.0/24], thresholds: {packetsPerSecond: 80k},"
                                + " mitigationPolicyRef: {name: edge}, api: {allowUnauthenticated: true}}",
                        Map.of("edge", LIVE)))
                .round();

        assertThat(mitigation.announced()).isEmpty();
    }

    @Test
    void aSmallerLimitReleasesTheYoungestBans() {
        mitigation.under("{dryRun: false, ban: {maxBannedFraction: '1'}}").sees(FLOOD);
        mitigation.after(SECOND).sees(FLOOD, Attacks.on("203.0.113.46", "udp_flood"));

        mitigation
                .under("{dryRun: false, ban: {maxBannedFraction: '1', maxActive: 1}}")
                .sees(FLOOD);

        assertThat(mitigation.announced()).containsExactly(VICTIM + "/32");
    }

    @Test
    void aRefusedBanIsTriedAgainWhileTheAttackLastsAndCountedOnce() {
        var second = Attacks.on("203.0.113.46", "udp_flood");
        mitigation.under("{dryRun: false, ban: {maxActive: 1}}").sees(FLOOD);
        for (var tick = 0; tick < 5; tick++) {
            mitigation.after(SECOND).sees(FLOOD, second);
        }
        assertThat(mitigation.announced()).containsExactly(VICTIM + "/32");
        assertThat(mitigation.bans())
                .anyMatch(ban -> ban.state() == Ban.State.REJECTED
                        && "max_active_bans reached".equals(ban.life().endedFor()));
        assertThat(mitigation.rejected()).isEqualTo(1);
        assertThat(mitigation.rejectedFor(Refusal.MAX_ACTIVE_BANS)).isEqualTo(1);

        mitigation.unbans(VICTIM);
        assertThat(mitigation.announced()).containsExactly("203.0.113.46/32");
        assertThat(mitigation.bans()).noneMatch(ban -> ban.state() == Ban.State.REJECTED);
    }

    @Test
    void aRefusalIsRememberedAfterItsAttack() {
        mitigation.under("{whitelist: [203.0.113.45]}").sees(FLOOD).sees(Attacks.ended(FLOOD));

        assertThat(only().state()).isEqualTo(Ban.State.REJECTED);
        assertThat(only().life().endedFor()).isEqualTo("whitelisted");
        assertThat(mitigation.rejectedFor(Refusal.WHITELIST)).isEqualTo(1);
    }

    @Test
    void bansComeNoFasterThanTheWindowAllowsAndTheRestFollowsInTheNext() {
        mitigation.under("{dryRun: false, ban: {maxPerWindow: 2, window: 1m, maxBannedFraction: '1'}}");
        var attacks = new Attack[] {
            Attacks.on("203.0.113.1", "udp_flood"),
            Attacks.on("203.0.113.2", "udp_flood"),
            Attacks.on("203.0.113.3", "udp_flood")
        };
        mitigation.sees(attacks);
        assertThat(mitigation.announced()).hasSize(2);
        assertThat(mitigation.rejectedFor(Refusal.BLAST_RADIUS_RATE)).isEqualTo(1);

        mitigation.after(Duration.ofSeconds(59)).sees(attacks);
        assertThat(mitigation.announced()).hasSize(2);

        mitigation.after(SECOND).sees(attacks);
        assertThat(mitigation.announced()).hasSize(3);
    }

    @Test
    void aVectorSeenOnceStaysFilteredWhileTheAttackLasts() {
        var ntp = Attacks.on(VICTIM, "ntp_amplification", 123, Attack.Direction.INCOMING);
        var thenSyn = withId(Attacks.on(VICTIM, "syn_flood"), ntp.id());

        mitigation.under(LIVE_FLOWSPEC).sees(ntp).sees(thenSyn);

        assertThat(mitigation.announced())
                .containsExactly("to 203.0.113.45/32 protocol 17 source port 123", "to 203.0.113.45/32 protocol 6");
    }

    @Test
    void attacksInBothDirectionsAreOneBanThatEndsWithTheLast() {
        var out = Attacks.on(VICTIM, "tcp_flood", 0, Attack.Direction.OUTGOING);
        mitigation.under(LIVE_FLOWSPEC).sees(FLOOD, out);
        assertThat(mitigation.announced())
                .containsExactly("from 203.0.113.45/32 protocol 6", "to 203.0.113.45/32 protocol 17");

        mitigation.sees(Attacks.ended(FLOOD));
        assertThat(only().state()).isEqualTo(Ban.State.ACTIVE);

        mitigation.sees(Attacks.ended(out));
        assertThat(mitigation.announced()).isEmpty();
    }

    @Test
    void fallbackIsJudgedAnewAsNeighboursComeAndGo() {
        mitigation.router.takes(false, true);
        mitigation.under(LIVE_FLOWSPEC).sees(FLOOD);
        assertThat(mitigation.announced()).containsExactly(VICTIM + "/32");
        assertThat(only().measure().fellBackReason()).isNotNull();

        mitigation.router.takes(true, true);
        mitigation.sees(FLOOD);
        assertThat(mitigation.announced()).containsExactly("to 203.0.113.45/32 protocol 17");
        assertThat(only().measure().fellBackReason()).isNull();
    }

    @Test
    void mixedTrafficWithoutAnyReflectorIsRefusedUntilSomethingCanBeTold() {
        var mixed = Attacks.on(VICTIM, "mixed");
        mitigation.under(LIVE_FLOWSPEC).sees(mixed);
        assertThat(mitigation.announced()).isEmpty();
        assertThat(mitigation.rejectedFor(Refusal.DESTINATION_ONLY)).isEqualTo(1);

        mitigation.sees(withId(FLOOD, mixed.id()));
        assertThat(mitigation.announced()).containsExactly("to 203.0.113.45/32 protocol 17");
    }

    @Test
    void aBanByHandOutlivesAttacksUntilItsOwnTtl() {
        mitigation.under(LIVE_FLOWSPEC).sees(FLOOD);
        mitigation.orders(new BanRequest(
                InetAddress.ofLiteral(VICTIM), Duration.ofHours(1), Method.Blackhole, "noc", "customer asked"));
        assertThat(mitigation.announced()).containsExactly(VICTIM + "/32");

        mitigation.sees(Attacks.ended(FLOOD)).after(Duration.ofMinutes(59)).round();
        assertThat(mitigation.announced()).containsExactly(VICTIM + "/32");

        mitigation.after(Duration.ofMinutes(1)).round();
        assertThat(mitigation.announced()).isEmpty();
    }

    @Test
    void aBanByHandObeysEveryGuard() {
        mitigation.under("{dryRun: false, whitelist: [203.0.113.1], ban: {maxActive: 1}}");

        assertThat(mitigation.bans("203.0.113.1").life().endedFor()).isEqualTo("whitelisted");
        assertThat(mitigation.bans("192.0.2.1").life().endedFor()).isEqualTo("outside configured networks");
        assertThat(mitigation.bans("203.0.113.2").state()).isEqualTo(Ban.State.ACTIVE);
        assertThat(mitigation.bans("203.0.113.3").life().endedFor()).isEqualTo("max_active_bans reached");
        assertThat(mitigation.announced()).containsExactly("203.0.113.2/32");
        assertThat(mitigation.rejected()).isEqualTo(3);
    }

    @Test
    void anUnbanHoldsUntilTheAttackEndsAndNotLonger() {
        mitigation.under(LIVE).sees(FLOOD);

        mitigation.unbans(VICTIM);
        mitigation.sees(FLOOD);
        assertThat(mitigation.announced()).isEmpty();

        mitigation.sees(Attacks.ended(FLOOD)).sees(FLOOD);
        assertThat(mitigation.announced()).hasSize(1);
    }

    @Test
    void withdrawAllTakesEverythingBackAndKeepsItBackForThePause() {
        var other = Attacks.on("203.0.113.46", "udp_flood");
        mitigation.under(LIVE).sees(FLOOD);

        mitigation.withdrawsAll(mitigation.now().plus(Duration.ofMinutes(5)));
        mitigation.sees(FLOOD, other);
        assertThat(mitigation.announced()).isEmpty();

        mitigation.after(Duration.ofMinutes(5)).sees(FLOOD, other);
        assertThat(mitigation.announced()).containsExactly("203.0.113.46/32");
    }

    @Test
    void aHostGroupsPolicyDecidesForItsHosts() {
        mitigation
                .under(FlowConfigs.protection(
                        "{networks: [203.0.113.0/24], thresholds: {packetsPerSecond: 80k},"
                                + " mitigationPolicyRef: {name: edge}, api: {allowUnauthenticated: true},"
                                + " hostGroups: [{name: dns, prefixes: [203.0.113.53/32],"
                                + " mitigationPolicyRef: {name: careful}}]}",
                        Map.of("edge", LIVE, "careful", "{dryRun: true}")))
                .sees(FLOOD, Attacks.on("203.0.113.53", "udp_flood"));

        assertThat(mitigation.announced()).containsExactly(VICTIM + "/32");
        assertThat(mitigation.gauge("kapkan_mitigate_announced_routes", "dry_run"))
                .isEqualTo(1);
    }

    @Test
    void theNumberOfSessionsThatHaveABanIsKnownOnceItIsWritten() {
        mitigation.under(LIVE).sees(FLOOD);

        assertThat(only().measure().carriedBy()).isEqualTo(1);
    }

    private static Attack withId(Attack attack, String id) {
        return new Attack(
                id,
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
                attack.endedAt());
    }
}
