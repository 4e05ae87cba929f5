package dev.portcullis.dataplane.flow.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.portcullis.crd.codec.SpecMapper;
import dev.portcullis.crd.resolve.FlowConfig;
import dev.portcullis.dataplane.admin.RoleView;
import dev.portcullis.dataplane.flow.api.AccessTokens.Caller;
import dev.portcullis.dataplane.flow.api.AttackView.RatesView;
import dev.portcullis.dataplane.flow.detect.Attack;
import dev.portcullis.dataplane.flow.detect.Rates;
import dev.portcullis.dataplane.flow.mitigate.Ban;
import dev.portcullis.dataplane.flow.mitigate.Mitigator;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the API shows. Everything comes from snapshots: no question waits for a tick, a router or the disk. */
final class FlowReads {
    /** Most items of one page. */
    static final int MAX_LIMIT = 1000;

    /** Farthest item a page may begin at. */
    static final int MAX_OFFSET = 99_000;

    private static final int DEFAULT_LIMIT = 100;

    private record Group(
            String name, List<String> prefixes, @Nullable String mitigationPolicy, JsonNode thresholds) {}

    private record Policy(String name, boolean dryRun, String method, String ttl, int maxActive) {}

    private record Status(
            boolean dryRun,
            double uptimeSeconds,
            int activeAttacks,
            int activeBans,
            @Nullable String pausedUntil,
            List<Group> hostgroups,
            List<Policy> policies,
            List<String> networks,
            JsonNode thresholds,
            String role,
            boolean unscoped,
            String version,
            @Nullable String revision,
            boolean ready,
            List<String> problems) {}

    private record Attacks(
            List<AttackView> active,
            List<AttackView> recent,
            int totalActive,
            int totalRecent,
            int offset,
            int limit) {}

    private record GroupView(
            String name,
            List<String> prefixes,
            String calculation,
            JsonNode thresholds,
            @Nullable JsonNode thresholdsOutgoing,
            @Nullable String mitigationPolicy,
            int activeAttacks,
            @Nullable RatesView rates) {}

    private record Groups(List<GroupView> groups) {}

    private record TrafficPoint(
            String ts, double pps, double mbps, double flowsPerSec, boolean inAttack, double baselinePps) {}

    private record Traffic(boolean available, List<TrafficPoint> points) {}

    private record HostView(String target, String group, RatesView rates, RatesView ratesOut, boolean inAttack) {}

    private record Hosts(List<HostView> hosts, int total, int listed, int offset, int limit) {}

    private record Bans(List<BanView> bans, int total, int offset, int limit) {}

    private record Exporter(
            String address,
            List<String> protocols,
            long datagrams,
            long flows,
            long errors,
            long lost,
            int templates,
            long contestedTemplates,
            double samplingRate,
            String lastSeen) {}

    private record Exporters(List<Exporter> exporters) {}

    private record Peer(
            String policy,
            String name,
            String address,
            long remoteAsn,
            String state,
            String since,
            int announced,
            @Nullable String lastError) {}

    private record Peers(List<Peer> peers) {}

    private final RoleView role;
    private final Supplier<@Nullable FlowConfig> config;
    private final FlowReadModel flow;
    private final Mitigator mitigator;
    private final Supplier<List<PolicyPeer>> peers;

    FlowReads(
            RoleView role,
            Supplier<@Nullable FlowConfig> config,
            FlowReadModel flow,
            Mitigator mitigator,
            Supplier<List<PolicyPeer>> peers) {
        this.role = role;
        this.config = config;
        this.flow = flow;
        this.mitigator = mitigator;
        this.peers = peers;
    }

    ApiResponse status(ApiRequest request, Caller caller) {
        var inForce = config.get();
        if (inForce == null) {
            throw new ApiException(503, "no configuration is in force yet");
        }
        var status = role.status();
        var snapshot = mitigator.snapshot();
        var spec = inForce.spec();
        var thresholds = tree(spec.thresholds());
        return ApiResponse.json(
                200,
                new Status(
                        snapshot.dryRun(),
                        status.uptimeSeconds(),
                        flow.activeAttacks().size(),
                        snapshot.active(),
                        snapshot.pausedUntil() == null
                                ? null
                                : snapshot.pausedUntil().toString(),
                        spec.hostGroups().stream()
                                .map(group -> new Group(
                                        group.name(),
                                        group.prefixes(),
                                        group.mitigationPolicyRef() == null
                                                ? null
                                                : group.mitigationPolicyRef().name(),
                                        group.thresholds() == null ? thresholds : tree(group.thresholds())))
                                .toList(),
                        inForce.mitigationPolicies().entrySet().stream()
                                .map(policy -> new Policy(
                                        policy.getKey(),
                                        policy.getValue().dryRun(),
                                        policy.getValue().method().name().toLowerCase(Locale.ROOT),
                                        policy.getValue().ban().ttl().toString(),
                                        policy.getValue().ban().maxActive()))
                                .toList(),
                        spec.networks(),
                        thresholds,
                        caller.role().name().toLowerCase(Locale.ROOT),
                        true,
                        status.version(),
                        status.revision(),
                        status.ready(),
                        status.problems()));
    }

    ApiResponse attacks(ApiRequest request) {
        var bans = banByTarget();
        var offset = number(request, "offset", 0, 0, MAX_OFFSET);
        var limit = number(request, "limit", MAX_LIMIT, 1, MAX_LIMIT);
        var wanted = AttackFilter.of(request);
        var active = flow.activeAttacks().stream().filter(wanted).toList();
        var recent = flow.recentAttacks().stream().filter(wanted).toList();
        return ApiResponse.json(
                200,
                new Attacks(
                        active.stream()
                                .skip(offset)
                                .limit(limit)
                                .map(attack -> AttackView.of(attack, banOf(attack, bans)))
                                .toList(),
                        recent.stream()
                                .skip(offset)
                                .limit(limit)
                                .map(attack -> AttackView.of(attack, null))
                                .toList(),
                        active.size(),
                        recent.size(),
                        offset,
                        limit));
    }

    private static @Nullable Ban banOf(Attack attack, Map<InetAddress, Ban> bans) {
        return attack.extent().scope() == Attack.Scope.HOST ? bans.get(attack.target()) : null;
    }

    ApiResponse groups() {
        var inForce = config.get();
        if (inForce == null) {
            throw new ApiException(503, "no configuration is in force yet");
        }
        var spec = inForce.spec();
        var attacks = new HashMap<String, Integer>();
        flow.activeAttacks().forEach(attack -> attacks.merge(attack.group(), 1, Integer::sum));
        var rates = flow.groupRates();
        return ApiResponse.json(
                200,
                new Groups(spec.hostGroups().stream()
                        .map(group -> new GroupView(
                                group.name(),
                                group.prefixes(),
                                group.calculation().name(),
                                tree(group.thresholds() == null ? spec.thresholds() : group.thresholds()),
                                group.thresholdsOutgoing() == null ? null : tree(group.thresholdsOutgoing()),
                                group.mitigationPolicyRef() == null
                                        ? null
                                        : group.mitigationPolicyRef().name(),
                                attacks.getOrDefault(group.name(), 0),
                                rates(rates.get(group.name()))))
                        .toList()));
    }

    private static @Nullable RatesView rates(@Nullable Rates rates) {
        return rates == null ? null : RatesView.of(rates);
    }

    ApiResponse traffic(ApiRequest request) {
        var key = AttackFilter.address(request, "key");
        if (key == null) {
            throw new ApiException(400, "key: write the address of a protected host");
        }
        var to = instant(request, "to", Instant.now());
        var from = instant(request, "from", to.minus(Duration.ofHours(1)));
        if (from.isAfter(to)) {
            throw new ApiException(400, "from: must not be after to");
        }
        return ApiResponse.json(
                200,
                new Traffic(
                        true,
                        flow.traffic(key, from, to).stream()
                                .map(moment -> new TrafficPoint(
                                        moment.at().toString(),
                                        moment.packets(),
                                        moment.bits() / 1e6,
                                        moment.flows(),
                                        moment.inAttack(),
                                        moment.normalPackets()))
                                .toList()));
    }

    private static Instant instant(ApiRequest request, String name, Instant unset) {
        var text = parameter(request, name);
        try {
            return text == null ? unset : Instant.parse(text);
        } catch (DateTimeParseException notATime) {
            throw new ApiException(400, name + ": write a time such as 2026-11-22T10:00:00Z");
        }
    }

    ApiResponse attack(String id) {
        var attack = Stream.concat(flow.activeAttacks().stream(), flow.recentAttacks().stream())
                .filter(candidate -> candidate.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new ApiException(404, "no such attack among those in progress and the last ended"));
        var ban = attack.endedAt() == null ? banOf(attack, banByTarget()) : null;
        return ApiResponse.json(200, AttackView.of(attack, ban));
    }

    ApiResponse hosts(ApiRequest request) {
        var offset = number(request, "offset", 0, 0, MAX_OFFSET);
        var limit = number(request, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT);
        var sort = parameter(request, "sort");
        var order = Arrays.stream(FlowReadModel.HostOrder.values())
                .filter(candidate -> sort == null || candidate.label().equals(sort))
                .findFirst()
                .orElseThrow(() -> new ApiException(400, "sort: write pps, mbps or flows_per_sec"));
        var attacked = new HashMap<InetAddress, Attack>();
        flow.activeAttacks().stream()
                .filter(attack -> attack.extent().scope() == Attack.Scope.HOST)
                .forEach(attack -> attacked.put(attack.target(), attack));
        var page = flow.hosts(order, parameter(request, "group"), offset, limit);
        return ApiResponse.json(
                200,
                new Hosts(
                        page.hosts().stream()
                                .map(host -> new HostView(
                                        host.address().getHostAddress(),
                                        host.group(),
                                        RatesView.of(host.incoming()),
                                        RatesView.of(host.outgoing()),
                                        attacked.containsKey(host.address())))
                                .toList(),
                        page.total(),
                        page.listed(),
                        offset,
                        limit));
    }

    ApiResponse bans(ApiRequest request) {
        var offset = number(request, "offset", 0, 0, MAX_OFFSET);
        var limit = number(request, "limit", MAX_LIMIT, 1, MAX_LIMIT);
        var state = parameter(request, "state");
        if (state != null
                && Arrays.stream(Ban.State.values())
                        .noneMatch(known -> known.label().equals(state))) {
            throw new ApiException(400, "state: write active, withdrawn or rejected");
        }
        var bans = mitigator.snapshot().bans().stream()
                .filter(ban -> state == null || ban.state().label().equals(state))
                .sorted(Comparator.comparing((Ban ban) -> ban.life().startedAt())
                        .reversed())
                .toList();
        return ApiResponse.json(
                200,
                new Bans(
                        bans.stream().skip(offset).limit(limit).map(BanView::of).toList(), bans.size(), offset, limit));
    }

    ApiResponse exporters() {
        return ApiResponse.json(
                200,
                new Exporters(flow.exporters().stream()
                        .map(exporter -> new Exporter(
                                exporter.address().getHostAddress(),
                                exporter.protocols(),
                                exporter.datagrams(),
                                exporter.flows(),
                                exporter.errors(),
                                exporter.lost(),
                                exporter.templates(),
                                exporter.contestedTemplates(),
                                exporter.samplingRate(),
                                exporter.lastSeen().toString()))
                        .toList()));
    }

    ApiResponse peers() {
        return ApiResponse.json(
                200,
                new Peers(peers.get().stream()
                        .map(each -> new Peer(
                                each.policy(),
                                each.peer().name(),
                                each.peer().address(),
                                each.peer().remoteAsn(),
                                each.peer().state(),
                                each.peer().since().toString(),
                                each.peer().announced(),
                                each.peer().lastError()))
                        .toList()));
    }

    private Map<InetAddress, Ban> banByTarget() {
        var bans = new HashMap<InetAddress, Ban>();
        for (var ban : mitigator.snapshot().bans()) {
            if (ban.state() != Ban.State.WITHDRAWN) {
                bans.putIfAbsent(ban.target(), ban);
            }
        }
        return bans;
    }

    private static JsonNode tree(Object spec) {
        return SpecMapper.mapper().valueToTree(spec);
    }

    static @Nullable String parameter(ApiRequest request, String name) {
        var values = request.query().get(name);
        return values == null || values.isEmpty() ? null : values.getFirst();
    }

    private static int number(ApiRequest request, String name, int unset, int least, int most) {
        var text = parameter(request, name);
        if (text == null) {
            return unset;
        }
        if (text.matches("[0-9]{1,9}")) {
            var number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new ApiException(400, name + ": write a number from " + least + " to " + most);
    }
}
