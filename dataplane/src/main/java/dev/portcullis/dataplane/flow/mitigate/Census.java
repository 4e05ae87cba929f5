package dev.portcullis.dataplane.flow.mitigate;

import java.util.HashMap;
import java.util.Map;

/** The bans counted so far in one round, by what limits them. One thread. */
final class Census {
    private record Family(boolean v6, boolean dryRun) {}

    private final Map<String, Integer> bans = new HashMap<>();
    private final Map<String, Integer> rules = new HashMap<>();
    private final Map<Family, Integer> families = new HashMap<>();

    /** Counts a ban. */
    void add(Ban ban) {
        bans.merge(ban.policy(), 1, Integer::sum);
        rules.merge(ban.policy(), ban.measure().rules(), Integer::sum);
        families.merge(new Family(ban.v6(), ban.measure().dryRun()), 1, Integer::sum);
    }

    /** Bans under {@code policy}. */
    int bans(String policy) {
        return bans.getOrDefault(policy, 0);
    }

    /** FlowSpec rules under {@code policy}. */
    int rules(String policy) {
        return rules.getOrDefault(policy, 0);
    }

    /** Banned addresses of one family, of all policies in the same mode: a dry run bans nobody. */
    int addresses(boolean v6, boolean dryRun) {
        return families.getOrDefault(new Family(v6, dryRun), 0);
    }
}
