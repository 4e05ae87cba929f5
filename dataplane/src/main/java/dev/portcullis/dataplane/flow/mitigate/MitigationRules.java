package dev.portcullis.dataplane.flow.mitigate;

import dev.portcullis.crd.v1alpha1.MitigationPolicySpec;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Fallback;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.FlowSpecAction;
import dev.portcullis.crd.v1alpha1.MitigationPolicySpec.Method;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * A MitigationPolicy made ready for decisions. Immutable.
 *
 * @param name of the MitigationPolicy
 * @param ttl life of an automatic ban without renewal
 * @param maxActive most bans of this policy at once
 * @param maxPerWindow most new bans of this policy in {@code window}
 * @param maxBannedFraction most of a family's protected addresses banned at once, 0 to 1
 * @param rateBytes bytes a second a FlowSpec rule lets through; 0 discards
 * @param maxRules most FlowSpec rules of this policy at once
 * @param communities as in {@link Announcement.BlackholeRoute}
 */
public record MitigationRules(
        String name,
        boolean dryRun,
        PrefixMap<Boolean> whitelist,
        Method method,
        Fallback fallback,
        Duration ttl,
        int maxActive,
        int maxPerWindow,
        Duration window,
        BigDecimal maxBannedFraction,
        double rateBytes,
        boolean allowDestinationOnly,
        int maxRules,
        InetAddress nextHop,
        InetAddress nextHop6,
        List<Integer> communities,
        long localPref) {
    public MitigationRules {
        communities = List.copyOf(communities);
    }

    /**
     * Of a spec with all defaults filled in.
     *
     * @throws IllegalArgumentException for an address, CIDR, community or rate no Resolver would have accepted
     */
    public static MitigationRules of(String name, MitigationPolicySpec spec) {
        var flowSpec = spec.flowSpec();
        var limits = flowSpec.action() == FlowSpecAction.RateLimit;
        var rate = flowSpec.rate();
        var rateBits = rate == null ? 0 : rate.getNumericalAmount().doubleValue();
        if (limits && !(rateBits > 0)) {
            throw new IllegalArgumentException(
                    "MitigationPolicy " + name + ": flowSpec.rate: RateLimit needs a rate above 0");
        }
        var ban = spec.ban();
        return new MitigationRules(
                name,
                spec.dryRun(),
                PrefixMap.of(spec.whitelist()),
                spec.method(),
                spec.fallback(),
                ban.ttl().duration(),
                ban.maxActive(),
                ban.maxPerWindow(),
                ban.window().duration(),
                new BigDecimal(ban.maxBannedFraction()),
                limits ? rateBits / 8 : 0,
                flowSpec.allowDestinationOnly(),
                flowSpec.maxRules(),
                InetAddress.ofLiteral(spec.blackhole().nextHop()),
                InetAddress.ofLiteral(spec.blackhole().nextHop6()),
                spec.blackhole().communities().stream()
                        .map(MitigationRules::community)
                        .toList(),
                spec.blackhole().localPref());
    }

    private static int community(String text) {
        var halves = text.split(":", -1);
        if (halves.length == 2) {
            var high = Integer.parseInt(halves[0]);
            var low = Integer.parseInt(halves[1]);
            if (high >= 0 && high <= 0xFFFF && low >= 0 && low <= 0xFFFF) {
                return high << 16 | low;
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' is not a community: write two numbers of 0 to 65535, as 65535:666");
    }
}
