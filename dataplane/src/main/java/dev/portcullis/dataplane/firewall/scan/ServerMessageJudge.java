package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.dataplane.firewall.scan.match.Rule;
import org.jspecify.annotations.Nullable;

/** Judges what is found in the messages that come back. */
record ServerMessageJudge(InjectionPolicy policy, String host) implements MessageWindow.Judge {
    @Override
    public @Nullable Finding finding(Rule rule, long start, long end, String encoding) {
        return policy.finding(rule, host, start, end - start, encoding);
    }

    @Override
    public Finding overBudget() {
        return policy.overBudget(host, -1);
    }
}
