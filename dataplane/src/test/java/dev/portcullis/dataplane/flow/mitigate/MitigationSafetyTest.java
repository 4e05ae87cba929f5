package dev.portcullis.dataplane.flow.mitigate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import dev.portcullis.dataplane.flow.FlowConfigs;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.mitigate.Announcement.BlackholeRoute;
import dev.portcullis.dataplane.flow.mitigate.Announcement.FlowSpecRule;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever happens in whatever order, nothing is announced that a safety rule forbids. */
class MitigationSafetyTest {
    private static final List<String> HOSTS = List.of(
            "203.0.113.1",
            "203.0.113.2",
            "203.0.113.3",
            "203.0.113.200",
            "198.51.100.7",
            "192.0.2.1",
            "2001:db8::1",
            "2001:db8::2",
            "2001:db8:ffff::1");

    /** One thing that happens. */
    private interface Event {
        void happensTo(World world);
    }

    /** A mitigation that may be killed and started again. */
    private static final class World {
        private final Path directory;
        private Protection protection;
        private Mitigation mitigation;

        World(Path directory, Protection protection) {
            this.directory = directory;
            this.protection = protection;
            this.mitigation = new Mitigation(directory).under(protection);
        }

        void configure(Protection newProtection) {
            protection = newProtection;
            mitigation.under(protection).round();
        }

        void save() {
            try {
                mitigation.saves();
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        }

        void restart() {
            mitigation = new Mitigation(directory, mitigation.now())
                    .under(protection)
                    .round();
        }
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void nothingForbiddenIsEverAnnounced(@ForAll("protections") Protection first, @ForAll("events") List<Event> events)
            throws IOException {
        var directory = Files.createTempDirectory("book");
        try {
            var world = new World(directory, first);
            for (var event : events) {
                event.happensTo(world);
                checkSafe(world.mitigation.router.announced(), world.protection);
                checkHonest(world.mitigation);
            }
        } finally {
            try (var files = Files.walk(directory)) {
                files.sorted(java.util.Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    private static void checkSafe(List<Announcement> announced, Protection protection) {
        var banned = new HashSet<InetAddress>();
        for (var announcement : announced) {
            var anchor =
                    switch (announcement) {
                        case BlackholeRoute route -> route.prefix();
                        case FlowSpecRule rule -> rule.destination() != null ? rule.destination() : rule.source();
                    };
            var prefix = Objects.requireNonNull(anchor);
            assertThat(prefix.length()).isEqualTo(prefix.v6() ? 128 : 32);
            var host = prefix.address();
            banned.add(host);
            assertThat(protection.networks().contains(host))
                    .as("%s in networks", host)
                    .isTrue();
            protection.policies().values().forEach(rules -> assertThat(
                            rules.whitelist().contains(host))
                    .as("%s whitelisted", host)
                    .isFalse());
            var rules = Objects.requireNonNull(protection.rulesFor(host));
            assertThat(rules.dryRun()).isFalse();
            assertThat(rules.method()).isNotEqualTo(Method.None);
            if (announcement instanceof FlowSpecRule rule && !rules.allowDestinationOnly()) {
                assertThat(rule.matchesAddressesOnly()).isFalse();
            }
        }
        for (var rules : protection.policies().values()) {
            checkCaps(banned, announced, rules, protection);
        }
    }

    private static void checkCaps(
            Set<InetAddress> banned, List<Announcement> announced, MitigationRules rules, Protection protection) {
        var own = banned.stream()
                .filter(host -> rules.equals(protection.rulesFor(host)))
                .toList();
        assertThat(own.size()).isLessThanOrEqualTo(rules.maxActive());
        for (var v6 : List.of(false, true)) {
            var family = own.stream()
                    .filter(host -> (host.getAddress().length == 16) == v6)
                    .count();
            var most = rules.maxBannedFraction()
                    .multiply(new BigDecimal(protection.networks().size(v6)))
                    .setScale(0, RoundingMode.FLOOR);
            assertThat(BigDecimal.valueOf(family)).isLessThanOrEqualTo(most.max(BigDecimal.ONE));
        }
        var filters = announced.stream()
                .filter(FlowSpecRule.class::isInstance)
                .map(FlowSpecRule.class::cast)
                .filter(rule -> {
                    var anchor = rule.destination() != null ? rule.destination() : rule.source();
                    return anchor != null && rules.equals(protection.rulesFor(anchor.address()));
                })
                .count();
        assertThat(filters).isLessThanOrEqualTo(rules.maxRules());
    }

    /** What the book says is active and live is what is announced, no more and no less, and every ban has an end. */
    private static void checkHonest(Mitigation mitigation) {
        var live = new HashSet<Announcement>();
        for (var ban : mitigation.book.active()) {
            assertThat(ban.life().expiresAt()).isAfter(mitigation.now());
            if (!ban.measure().dryRun()) {
                live.addAll(ban.measure().announcements());
            }
        }
        assertThat(mitigation.router.announced()).containsExactlyInAnyOrderElementsOf(live);
    }

    @Provide
    Arbitrary<Protection> protections() {
        var policies = Arbitraries.of(
                "{dryRun: false, ban: {maxBannedFraction: '1'}}",
                "{dryRun: false, whitelist: [203.0.113.1], ban: {maxActive: 2, maxPerWindow: 1}}",
                "{dryRun: false, whitelist: [203.0.113.0/30, '2001:db8::/126'], method: FlowSpec}",
                "{dryRun: false, method: FlowSpec, flowSpec: {maxRules: 1}, ban: {maxBannedFraction: '1'}}",
                "{dryRun: false, method: FlowSpec, flowSpec: {maxRules: 3, allowDestinationOnly: true}}",
                "{dryRun: false, method: FlowSpec, fallback: None, ban: {maxActive: 1}}",
                "{dryRun: false, method: None}",
                "{dryRun: true}",
                "{dryRun: true, method: FlowSpec, ban: {maxBannedFraction: '0'}}");
        var networks = Arbitraries.of(
                "[203.0.113.0/24, '2001:db8::/64']",
                "[203.0.113.0/25]",
                "[203.0.113.0/24, 198.51.100.0/24, '2001:db8::/126']");
        var defaultRef = Arbitraries.of("", " mitigationPolicyRef: {name: edge},");
        return Combinators.combine(networks, defaultRef, policies, policies)
                .as((nets, ref, edge, careful) -> FlowConfigs.protection(
                        "{networks: %s, thresholds: {packetsPerSecond: 80k},%s api: {allowUnauthenticated: true}, hostGroups: [{name: few, prefixes: [203.0.113.2/31], mitigationPolicyRef: {name: careful}}]}"
                                .formatted(nets, ref.isEmpty() ? "" : ref),
                        ref.isEmpty() ? Map.of("careful", careful) : Map.of("edge", edge, "careful", careful)));
    }

    @Provide
    Arbitrary<List<Event>> events() {
        var hosts = Arbitraries.of(HOSTS);
        var directions = Arbitraries.of(Attack.Direction.class);
        var types = Arbitraries.of(
                "udp_flood", "syn_flood", "mixed", "icmp_flood", "fragment_flood", "tcp_flood", "no such thing");
        Arbitrary<Event> attack = Combinators.combine(hosts, types, directions)
                .as((host, type, direction) -> world -> world.mitigation.sees(Attacks.on(host, type, 0, direction)));
        Arbitrary<Event> amplification = Combinators.combine(hosts, Arbitraries.of(53, 123, 11211))
                .as((host, port) -> world ->
                        world.mitigation.sees(Attacks.on(host, "dns_amplification", port, Attack.Direction.INCOMING)));
        Arbitrary<Event> end = Combinators.combine(hosts, types, directions)
                .as((host, type, direction) ->
                        world -> world.mitigation.sees(Attacks.ended(Attacks.on(host, type, 0, direction))));
        Arbitrary<Event> manual = Combinators.combine(
                        hosts,
                        Arbitraries.of(Method.Blackhole, Method.FlowSpec).injectNull(0.4),
                        Arbitraries.of(Duration.ofSeconds(1), Duration.ofHours(1))
                                .injectNull(0.4))
                .as((host, method, ttl) -> world ->
                        world.mitigation.orders(new BanRequest(InetAddress.ofLiteral(host), ttl, method, "noc", null)));
        Arbitrary<Event> unban = hosts.map(host -> world -> world.mitigation.unbans(host));
        Arbitrary<Event> withdrawAll = Arbitraries.of(0, 30)
                .map(seconds -> world -> world.mitigation.withdrawsAll(
                        seconds == 0 ? null : world.mitigation.now().plusSeconds(seconds)));
        Arbitrary<Event> time = Arbitraries.of(1, 59, 60, 599, 600, 3600)
                .map(seconds -> world ->
                        world.mitigation.after(Duration.ofSeconds(seconds)).round());
        Arbitrary<Event> configure = protections().map(protection -> world -> world.configure(protection));
        Arbitrary<Event> neighbours = Combinators.combine(Arbitraries.of(true, false), Arbitraries.of(true, false))
                .as((flowSpec, routes) -> world -> {
                    world.mitigation.router.takes(flowSpec, routes);
                    world.mitigation.round();
                });
        Arbitrary<Event> save = Arbitraries.just(World::save);
        Arbitrary<Event> kill = Arbitraries.just(World::restart);
        return Arbitraries.oneOf(
                        attack,
                        attack,
                        amplification,
                        end,
                        manual,
                        unban,
                        withdrawAll,
                        time,
                        configure,
                        neighbours,
                        save,
                        kill)
                .list()
                .ofMaxSize(40);
    }
}
