package dev.portcullis.dataplane.flow.mitigate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import dev.portcullis.dataplane.flow.FlowConfigs;
import dev.portcullis.dataplane.flow.mitigate.Announcement.BlackholeRoute;
import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import dev.portcullis.dataplane.flow.mitigate.Announcement.Prefix;
import dev.portcullis.dataplane.flow.mitigate.Guards.Admission;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuardsTest {
    private static final Admission ADMITTED = new Admission.Admitted();
    private static final InetAddress HOST = address("203.0.113.45");

    private static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }

    private static Admission refused(Refusal refusal) {
        return new Admission.Refused(refusal);
    }

    private static Admission eligible(String policy, String target) {
        return Guards.eligible(address(target), null, FlowConfigs.protection(policy));
    }

    /** What the guards say to one more ban of {@code target} beside {@code others}. */
    private static Admission fits(String policy, String target, int recent, String... others) {
        var protection = FlowConfigs.protection(policy);
        var census = new Census();
        for (var other : others) {
            census.add(ban(other, protection));
        }
        var rules = FlowConfigs.rules(protection);
        var plan = plan(target, rules);
        return Guards.fits(address(target), plan, rules, protection, census, recent);
    }

    private static Planner.Plan plan(String target, MitigationRules rules) {
        var vectors = Vector.of(Attacks.on(target, "udp_flood"));
        return Planner.plan(address(target), vectors, rules.method(), rules, Speakers.SILENT);
    }

    private static Ban ban(String target, Protection protection) {
        var rules = FlowConfigs.rules(protection);
        return new Ban(
                address(target),
                "edge",
                Ban.State.ACTIVE,
                Ban.Order.AUTOMATIC,
                Ban.Cause.NONE,
                Ban.Measure.of(plan(target, rules), rules.dryRun()),
                new Ban.Life(
                        Attacks.START,
                        Attacks.START.plusSeconds(600),
                        Duration.ofMinutes(10),
                        null,
                        false,
                        null,
                        null));
    }

    @Test
    void aProtectedHostMayBeBanned() {
        assertThat(eligible("{}", "203.0.113.45")).isEqualTo(ADMITTED);
        assertThat(eligible("{}", "2001:db8::45")).isEqualTo(ADMITTED);
        assertThat(fits("{}", "203.0.113.45", 0)).isEqualTo(ADMITTED);
    }

    @Test
    void aWhitelistedAddressIsNeverBanned() {
        var policy = "{whitelist: [203.0.113.45, 203.0.113.64/26, '2001:db8::53', '2001:db8::1:0/112']}";

        for (var host : List.of("203.0.113.45", "203.0.113.64", "203.0.113.127", "2001:db8::53", "2001:db8::1:ffff")) {
            assertThat(eligible(policy, host)).as(host).isEqualTo(refused(Refusal.WHITELIST));
        }
        for (var host : List.of("203.0.113.46", "203.0.113.63", "203.0.113.128", "2001:db8::54", "2001:db8::2:0")) {
            assertThat(eligible(policy, host)).as(host).isEqualTo(ADMITTED);
        }
    }

    @Test
    void theWhitelistOfOnePolicyHoldsForTheHostsOfEveryOther() {
        var protection = FlowConfigs.protection(
                "{networks: [203.0.113.0/24], thresholds: {packetsPerSecond: 80k}, mitigationPolicyRef: {name: edge},"
                        + " hostGroups: [{name: dns, prefixes: [203.0.113.53/32], mitigationPolicyRef: {name: careful}}],"
                        + " api: {allowUnauthenticated: true}}",
                Map.of("edge", "{whitelist: [203.0.113.53]}", "careful", "{}"));

        assertThat(Guards.eligible(address("203.0.113.53"), null, protection)).isEqualTo(refused(Refusal.WHITELIST));
    }

    @Test
    void nothingOutsideTheOwnNetworksIsBanned() {
        for (var host : List.of("203.0.112.255", "203.0.114.0", "8.8.8.8", "2001:db8:0:1::", "2001:db7::1")) {
            assertThat(eligible("{}", host)).as(host).isEqualTo(refused(Refusal.SCOPE));
        }
    }

    @Test
    void aHostWithoutAPolicyIsNotBanned() {
        var protection = FlowConfigs.protection(
                "{networks: [203.0.113.0/24], thresholds: {packetsPerSecond: 80k}, api: {allowUnauthenticated: true}}",
                Map.of());

        assertThat(Guards.eligible(HOST, null, protection)).isEqualTo(refused(Refusal.NO_POLICY));
    }

    @Test
    void aPolicyThatOnlyTellsBansNobodyNotEvenByHand() {
        var protection = FlowConfigs.protection("{method: None}");

        assertThat(Guards.eligible(HOST, null, protection)).isEqualTo(refused(Refusal.METHOD_NONE));
        assertThat(Guards.eligible(HOST, Method.Blackhole, protection)).isEqualTo(refused(Refusal.METHOD_NONE));
    }

    @Test
    void thereAreNeverMoreBansThanThePolicyAllows() {
        var policy = "{ban: {maxActive: 2, maxBannedFraction: '1'}}";

        assertThat(fits(policy, "203.0.113.3", 0, "203.0.113.1")).isEqualTo(ADMITTED);
        assertThat(fits(policy, "203.0.113.3", 0, "203.0.113.1", "203.0.113.2"))
                .isEqualTo(refused(Refusal.MAX_ACTIVE_BANS));
        assertThat(fits(policy, "203.0.113.3", 0, "203.0.113.1", "2001:db8::1"))
                .isEqualTo(refused(Refusal.MAX_ACTIVE_BANS));
    }

    @Test
    void onlyAPartOfAFamilysAddressesIsBannedAtOnce() {
        var policy = "{ban: {maxBannedFraction: '0.01'}}";

        assertThat(fits(policy, "203.0.113.2", 0, "203.0.113.1")).isEqualTo(ADMITTED);
        assertThat(fits(policy, "203.0.113.3", 0, "203.0.113.1", "203.0.113.2"))
                .isEqualTo(refused(Refusal.BLAST_RADIUS_FRACTION));
        assertThat(fits(policy, "2001:db8::3", 0, "203.0.113.1", "203.0.113.2")).isEqualTo(ADMITTED);
    }

    @Test
    void oneAddressMayAlwaysBeBannedHoweverSmallTheFraction() {
        assertThat(fits("{ban: {maxBannedFraction: '0'}}", "203.0.113.2", 0)).isEqualTo(ADMITTED);
        assertThat(fits("{ban: {maxBannedFraction: '0'}}", "203.0.113.2", 0, "203.0.113.1"))
                .isEqualTo(refused(Refusal.BLAST_RADIUS_FRACTION));
    }

    @Test
    void newBansComeNoFasterThanThePolicyAllows() {
        assertThat(fits("{ban: {maxPerWindow: 3}}", "203.0.113.2", 2)).isEqualTo(ADMITTED);
        assertThat(fits("{ban: {maxPerWindow: 3}}", "203.0.113.2", 3)).isEqualTo(refused(Refusal.BLAST_RADIUS_RATE));
    }

    @Test
    void thereAreNeverMoreFlowSpecRulesThanThePolicyAllows() {
        var policy = "{method: FlowSpec, flowSpec: {maxRules: 1}, ban: {maxBannedFraction: '1'}}";

        assertThat(fits(policy, "203.0.113.2", 0)).isEqualTo(ADMITTED);
        assertThat(fits(policy, "203.0.113.2", 0, "203.0.113.1")).isEqualTo(refused(Refusal.MAX_FLOWSPEC_RULES));
    }

    @Test
    void aPlanWithoutARuleIsNoBan() {
        var protection = FlowConfigs.protection("{method: FlowSpec}");
        var rules = FlowConfigs.rules(protection);
        var plan = new Planner.Plan(Method.FlowSpec, List.of(), null);

        assertThat(Guards.fits(HOST, plan, rules, protection, new Census(), 0))
                .isEqualTo(refused(Refusal.DESTINATION_ONLY));
    }

    @Test
    void theFirstRuleThatRefusesIsTheReason() {
        assertThat(eligible("{method: None, whitelist: [192.0.2.1]}", "192.0.2.1"))
                .isEqualTo(refused(Refusal.WHITELIST));
        assertThat(eligible("{method: None}", "192.0.2.1")).isEqualTo(refused(Refusal.SCOPE));
    }

    @Test
    void theLastCheckLetsOnlyLiveHostRoutesOfOwnAddressesOut() {
        var live = FlowConfigs.protection("{dryRun: false, whitelist: [203.0.113.1]}");
        var dry = FlowConfigs.protection("{dryRun: true}");

        assertThat(Guards.announceable(route("203.0.113.45", 32), live)).isTrue();
        assertThat(Guards.announceable(route("2001:db8::45", 128), live)).isTrue();
        assertThat(Guards.announceable(route("203.0.113.45", 32), dry)).isFalse();
        assertThat(Guards.announceable(route("203.0.113.1", 32), live)).isFalse();
        assertThat(Guards.announceable(route("203.0.113.0", 24), live)).isFalse();
        assertThat(Guards.announceable(route("192.0.2.1", 32), live)).isFalse();
        assertThat(Guards.announceable(new FlowSpecRule(null, null, 17, -1, -1, 0, false, 0), live))
                .isFalse();
    }

    @Test
    void theLastCheckLetsNoRuleForAllOfAHostsTrafficOutUnlessThatIsAllowed() {
        var rule = new FlowSpecRule(Prefix.host(HOST), null, -1, -1, -1, 0, false, 0);

        assertThat(Guards.announceable(rule, FlowConfigs.protection("{dryRun: false, method: FlowSpec}")))
                .isFalse();
        assertThat(Guards.announceable(
                        rule,
                        FlowConfigs.protection(
                                "{dryRun: false, method: FlowSpec, flowSpec: {allowDestinationOnly: true}}")))
                .isTrue();
    }

    private static Announcement route(String address, int length) {
        return new BlackholeRoute(new Prefix(address(address), length), address("192.0.2.1"), List.of(), 0);
    }
}
