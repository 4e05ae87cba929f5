package dev.portcullis.dataplane.flow.mitigate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import dev.portcullis.dataplane.flow.FlowConfigs;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.mitigate.Announcement.BlackholeRoute;
import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import dev.portcullis.dataplane.flow.mitigate.Announcement.Prefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private static final String VICTIM = "203.0.113.45";
    private static final String VICTIM6 = "2001:db8::45";

    private final RecordingSpeaker speaker = new RecordingSpeaker();

    private Planner.Plan plan(String policy, Attack attack) {
        var rules = rules(policy);
        return Planner.plan(attack.target(), Vector.of(attack), rules.method(), rules, speaker);
    }

    private static MitigationRules rules(String policy) {
        return FlowConfigs.rules(FlowConfigs.protection(policy));
    }

    private static Prefix host(String address) {
        return Prefix.host(InetAddress.ofLiteral(address));
    }

    private static FlowSpecRule to(String victim, int protocol, int sourcePort) {
        return new FlowSpecRule(host(victim), null, protocol, sourcePort, -1, 0, false, 0);
    }

    @Test
    void aBlackholeIsTheHostRouteWithThePolicysAttributes() {
        var policy = "{method: Blackhole, blackhole: {nextHop: 192.0.2.66, nextHop6: '100::2',"
                + " communities: ['65535:666', '65000:1'], localPref: 200}}";

        assertThat(plan(policy, Attacks.on(VICTIM, "udp_flood")).announcements())
                .containsExactly(new BlackholeRoute(
                        host(VICTIM), InetAddress.ofLiteral("192.0.2.66"), List.of(0xFFFF029A, 0xFDE80001), 200));
        assertThat(plan(policy, Attacks.on(VICTIM6, "udp_flood")).announcements())
                .containsExactly(new BlackholeRoute(
                        host(VICTIM6), InetAddress.ofLiteral("100::2"), List.of(0xFFFF029A, 0xFDE80001), 200));
    }

    @Test
    void eachVectorHasItsFilter() {
        var filters = Map.of(
                "udp_flood", to(VICTIM, 17, -1),
                "tcp_flood", to(VICTIM, 6, -1),
                "icmp_flood", to(VICTIM, 1, -1),
                "fragment_flood", new FlowSpecRule(host(VICTIM), null, -1, -1, -1, 0, true, 0));

        filters.forEach((type, filter) -> assertThat(
                        plan("{method: FlowSpec}", Attacks.on(VICTIM, type)).announcements())
                .as(type)
                .containsExactly(filter));
        assertThat(plan("{method: FlowSpec}", Attacks.on(VICTIM, "ntp_amplification", 123, Attack.Direction.INCOMING))
                        .announcements())
                .containsExactly(to(VICTIM, 17, 123));
        assertThat(plan("{method: FlowSpec}", Attacks.on(VICTIM6, "icmp_flood")).announcements())
                .containsExactly(to(VICTIM6, 58, -1));
    }

    @Test
    void aSynFloodsFilterSparesAnswersToTheVictimsOwnConnections() {
        var filter = (FlowSpecRule) plan("{method: FlowSpec}", Attacks.on(VICTIM, "syn_flood"))
                .announcements()
                .getFirst();

        assertThat(filter.protocol()).isEqualTo(6);
        assertThat(filter.tcpFlags()).isEqualTo(0x02);
        assertThat(filter.tcpFlagsAbsent()).isEqualTo(0x10);
    }

    @Test
    void anOutgoingAttackIsFilteredByItsSource() {
        assertThat(plan("{method: FlowSpec}", Attacks.on(VICTIM, "udp_flood", 0, Attack.Direction.OUTGOING))
                        .announcements())
                .containsExactly(new FlowSpecRule(null, host(VICTIM), 17, -1, -1, 0, false, 0));
    }

    @Test
    void mixedTrafficIsNotFilteredByDestinationAlone() {
        assertThat(plan("{method: FlowSpec}", Attacks.on(VICTIM, "mixed")).announcements())
                .isEmpty();
    }

    @Test
    void mixedTrafficIsFilteredByDestinationAloneWhereThePolicySaysSo() {
        assertThat(plan("{method: FlowSpec, flowSpec: {allowDestinationOnly: true}}", Attacks.on(VICTIM, "mixed"))
                        .announcements())
                .containsExactly(to(VICTIM, -1, -1));
    }

    @Test
    void reflectorsInsideMixedTrafficAreFilteredWhenTheyAreATenthOfIt() {
        var attack = Attacks.mixed(
                VICTIM,
                1000,
                new Attack.Share("123", 300, 1),
                new Attack.Share("443", 200, 1),
                new Attack.Share("53", 99, 1),
                new Attack.Share("x", 400, 1));

        assertThat(plan("{method: FlowSpec}", attack).announcements()).containsExactly(to(VICTIM, 17, 123));
    }

    @Test
    void rateLimitIsInBytesASecond() {
        var filter = (FlowSpecRule)
                plan("{method: FlowSpec, flowSpec: {action: RateLimit, rate: 100M}}", Attacks.on(VICTIM, "udp_flood"))
                        .announcements()
                        .getFirst();

        assertThat(filter.rateBytes()).isEqualTo(12_500_000);
    }

    @Test
    void theBlackholeReplacesFlowSpecWhereOnlyRoutesAreTaken() {
        speaker.takes(false, true);

        var plan = plan("{method: FlowSpec}", Attacks.on(VICTIM, "udp_flood"));

        assertThat(plan.method()).isEqualTo(Method.Blackhole);
        assertThat(plan.fellBackReason()).contains("FlowSpec");
    }

    @Test
    void nothingReplacesFlowSpecWhileNobodyTakesAnything() {
        speaker.takes(false, false);

        assertThat(plan("{method: FlowSpec}", Attacks.on(VICTIM, "udp_flood")).method())
                .isEqualTo(Method.FlowSpec);
    }

    @Test
    void nothingReplacesFlowSpecWhereThePolicyWantsNoFallback() {
        speaker.takes(false, true);

        assertThat(plan("{method: FlowSpec, fallback: None}", Attacks.on(VICTIM, "udp_flood"))
                        .method())
                .isEqualTo(Method.FlowSpec);
    }

    @Test
    void aBanWithManyVectorsHasARuleForEach() {
        var rules = rules("{method: FlowSpec}");
        var vectors = List.of(
                new Vector(Attack.Direction.INCOMING, "dns_amplification", 53),
                new Vector(Attack.Direction.INCOMING, "ntp_amplification", 123),
                new Vector(Attack.Direction.INCOMING, "mixed", 0));

        assertThat(Planner.plan(InetAddress.ofLiteral(VICTIM), vectors, Method.FlowSpec, rules, speaker)
                        .announcements())
                .containsExactly(to(VICTIM, 17, 53), to(VICTIM, 17, 123));
    }
}
