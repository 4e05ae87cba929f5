package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.dataplane.firewall.scan.match.Rule;
import dev.portcullis.dataplane.firewall.scan.match.RuleSet;
import dev.portcullis.dataplane.firewall.scan.match.Sweep;
import dev.portcullis.dataplane.firewall.scan.match.WorkBudget;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages scanned one by one in a window that begins with the end of what came before: {@link #TAIL} bytes of earlier
 * messages, and within a long message {@link #OVERLAP}. Only a match that reaches into what is new is reported.
 */
final class MessageWindow implements MessageScan {
    /** Bytes of earlier messages that are looked at again with each message: the longest split secret that is surely found. */
    static final int TAIL = 1024;

    /** Bytes that two windows of one message share. */
    static final int OVERLAP = 8 * 1024;

    /** Bytes of a message that one window adds. */
    private static final int STEP = 24 * 1024;

    /** Bytes before those that are looked at, so that a token cut at the window's edge is not taken for a whole one. */
    private static final int CONTEXT = 32;

    /** How messages are judged. */
    interface Judge {
        /** The finding for a match, or null where the policy exempts it. */
        @Nullable
        Finding finding(Rule rule, long start, long end, String encoding);

        /** The finding for a message that needs too much work. */
        Finding overBudget();
    }

    private final Judge judge;
    private final WorkBudget budget = new WorkBudget();
    private final Sweep sweep;
    private byte[] window = new byte[0];
    private int kept;
    private boolean cut;
    private int fresh;
    private int begun;
    private @Nullable List<Finding> findings;

    MessageWindow(RuleSet rules, Judge judge) {
        this.judge = judge;
        this.sweep = Sweep.ofEveryMatch(rules, budget, this::match);
    }

    @Override
    public List<Finding> scan(ByteBuffer message) {
        findings = null;
        var rest = message.remaining();
        begun = kept;
        while (rest > 0) {
            var take = Math.min(rest, STEP);
            rest -= take;
            look(message, take);
            slide(rest > 0 ? OVERLAP : TAIL);
        }
        var found = findings;
        return found == null ? List.of() : found;
    }

    private void look(ByteBuffer message, int take) {
        var length = kept + take;
        if (length > window.length) {
            window = Arrays.copyOf(window, Math.max(length, Math.min(2 * window.length, CONTEXT + OVERLAP + STEP)));
        }
        message.get(window, kept, take);
        fresh = kept;
        budget.grant(length);
        try {
            sweep.search(window, cut ? CONTEXT : 0, length, length, 0);
        } catch (WorkBudget.Exhausted e) {
            add(judge.overBudget());
        }
        kept = length;
    }

    private boolean known(Rule rule) {
        var found = findings;
        return found != null
                && found.stream().anyMatch(finding -> finding.rule().equals(rule.name()));
    }

    private void match(Rule rule, long start, long end, String encoding) {
        if (end <= fresh || known(rule)) {
            return;
        }
        var finding = judge.finding(rule, start - begun, end - begun, encoding);
        if (finding != null) {
            add(finding);
        }
    }

    private void add(Finding finding) {
        var all = findings;
        if (all == null) {
            all = new ArrayList<>(2);
            findings = all;
        }
        all.add(finding);
    }

    /** Keeps the last {@code keep} bytes, and a little before them. */
    private void slide(int keep) {
        var from = Math.max(0, kept - keep - CONTEXT);
        cut |= from > 0;
        System.arraycopy(window, from, window, 0, kept - from);
        kept -= from;
        begun -= from;
    }
}
