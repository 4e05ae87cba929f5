package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Action;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import dev.portcullis.dataplane.firewall.scan.match.RuleSet;
import dev.portcullis.dataplane.firewall.scan.match.Sweep;
import dev.portcullis.dataplane.firewall.scan.match.WorkBudget;
import dev.portcullis.dataplane.firewall.scan.view.Fragments;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A body scanned in windows at fixed places, so that findings do not depend on how it arrives. Each window decides the
 * matches that start in its first {@link #STEP} bytes and sees {@link #OVERLAP} bytes more; what no window has decided
 * is held back. Memory is one window however long the body.
 */
final class BodyWindow implements BodyScan {
    /** What a window decides at most, in bytes. */
    static final int STEP = 24 * 1024;

    /** What a window sees beyond that: the longest wrapped secret that is surely found. */
    static final int OVERLAP = 8 * 1024;

    /** What a window sees before its first byte. */
    private static final int CONTEXT = 1024;

    private static final int FULL = CONTEXT + STEP + OVERLAP;
    private static final int SMALLEST = 2048;

    /** So that a body of many windows copies its first one once. */
    private static final int GROWTH = 4;

    /** Values of a window; used within one call, so that scans of a thread share it. */
    private static final ThreadLocal<Fragments> PIECES = ThreadLocal.withInitial(Fragments::new);

    /** How a body is judged. */
    interface Judge {
        /** The finding for a match at {@code [start, end)} of the body, or null where the policy exempts it. */
        @Nullable
        Finding finding(Rule rule, long start, long end, String encoding);

        /** The finding for a body longer than the scanned part where such are refused, else null. */
        @Nullable
        Finding oversize(long limit);

        /** The finding for a body that needs too much work. */
        Finding overBudget(long place);
    }

    private final Judge judge;
    private final long limit;
    private final @Nullable BodySyntax syntax;
    private final WorkBudget budget = new WorkBudget();
    private final Sweep sweep;
    private final List<Finding> findings = new ArrayList<>(2);

    private boolean insideValue;

    private byte[] window = new byte[0];
    private int length;
    private int decided;
    private long base;
    private long fed;
    private long clean;
    private boolean blocked;
    private boolean done;

    /**
     * Opens a scan.
     *
     * @param limit bytes scanned at most
     * @param syntax of the body, or null where values and parts do not matter
     */
    BodyWindow(RuleSet rules, Judge judge, long limit, @Nullable BodySyntax syntax) {
        this.judge = judge;
        this.limit = limit;
        this.syntax = syntax;
        this.sweep = new Sweep(rules, budget, this::matched);
    }

    private BodyWindow(RuleSet rules, Judge judge) {
        this.judge = judge;
        this.limit = Long.MAX_VALUE;
        this.syntax = null;
        this.sweep = Sweep.ofEveryMatch(rules, budget, this::matched);
    }

    /** Opens a scan of all of a body that tells the judge of every match, each value by itself. */
    static BodyWindow ofEveryMatch(RuleSet rules, Judge judge) {
        return new BodyWindow(rules, judge);
    }

    private void matched(Rule rule, long start, long end, String encoding) {
        var finding = judge.finding(rule, start, end, encoding);
        if (finding != null) {
            add(finding);
        }
    }

    @Override
    public void feed(ByteBuffer bytes) {
        while (bytes.hasRemaining() && !done) {
            if (fed == limit) {
                beyondLimit();
                break;
            }
            var take = (int) Math.min(Math.min(bytes.remaining(), FULL - length), limit - fed);
            grow(length + take);
            bytes.get(window, length, take);
            if (syntax == BodySyntax.FORM) {
                spaces(length, length + take);
            }
            length += take;
            fed += take;
            budget.grant(take);
            if (length == FULL) {
                decide(length - OVERLAP);
                slide();
            }
        }
        if (done) {
            fed += bytes.remaining();
            bytes.position(bytes.limit());
            if (!blocked) {
                clean = fed;
            }
        }
    }

    @Override
    public void finish() {
        if (!done) {
            decide(length);
            done = true;
        }
        window = new byte[0];
    }

    @Override
    public long clean() {
        return clean;
    }

    @Override
    public List<Finding> findings() {
        return List.copyOf(findings);
    }

    /** What the scan has cost so far. */
    WorkBudget budget() {
        return budget;
    }

    private void beyondLimit() {
        var refusal = judge.oversize(limit);
        if (refusal != null) {
            add(refusal);
        } else {
            decide(length);
        }
        done = true;
    }

    /** Decides every match that starts before {@code end} of the window. */
    private void decide(int end) {
        try {
            sweep.search(window, decided, end, length, base);
            if (syntax != null) {
                searchWithin(syntax, end);
            }
        } catch (WorkBudget.Exhausted e) {
            add(judge.overBudget(base + decided));
            done = true;
        }
        if (!blocked) {
            decided = end;
            clean = done ? fed : base + end;
        }
    }

    private void searchWithin(BodySyntax how, int end) {
        var pieces = PIECES.get();
        pieces.clear();
        insideValue = how.reader().read(window, decided, end, length, insideValue, pieces);
        sweep.searchJoined(pieces, window, length, end, base);
        if (how == BodySyntax.MULTIPART) {
            sweep.searchParts(window, decided, end, length, base);
        }
    }

    private void add(Finding finding) {
        findings.add(finding);
        if (finding.action() == Action.Block && !blocked) {
            blocked = true;
            done = true;
            clean = Math.max(clean, Math.min(finding.offset(), base + decided));
        }
    }

    private void slide() {
        var from = Math.max(0, decided - CONTEXT);
        System.arraycopy(window, from, window, 0, length - from);
        length -= from;
        decided -= from;
        base += from;
    }

    private void grow(int needed) {
        if (needed > window.length) {
            var size = Math.max(SMALLEST, Math.max(needed, window.length * GROWTH));
            window = Arrays.copyOf(window, Math.min(FULL, size));
        }
    }

    private void spaces(int from, int to) {
        for (var i = from; i < to; i++) {
            if (window[i] == '+') {
                window[i] = ' ';
            }
        }
    }
}
