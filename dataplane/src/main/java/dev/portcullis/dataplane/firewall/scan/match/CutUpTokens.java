package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.Continuation;
import dev.portcullis.dataplane.firewall.scan.view.Fragments;

/** Follows tokens over what cuts them up: quotes and operators of code, tags, line breaks. Not thread-safe. */
final class CutUpTokens {
    /** Bytes of a piece that are looked at to tell it from the name of a member. */
    private static final int NAME = 128;

    private final RuleSet rules;
    private final WorkBudget budget;
    private final JoinedSearch joined;
    private final Fragments pieces = new Fragments();
    private int furthest;
    private int followedTo;
    private int lookedTo;

    /**
     * Tokens of one scan.
     *
     * @param joined searches the pieces
     */
    CutUpTokens(RuleSet rules, WorkBudget budget, JoinedSearch joined) {
        this.rules = rules;
        this.budget = budget;
        this.joined = joined;
    }

    /**
     * True where what stands behind something that cuts up the token at {@code literalStart} may make a match of it.
     *
     * @param furthest the last byte that was read to say that no start behind a boundary begins a match; the block's length
     *     where more text might have changed that
     */
    boolean mayGoOn(int r, AnchoredPattern pattern, Block block, int start, int literalStart, int furthest) {
        this.furthest = furthest;
        if (rules.reading() != RuleSet.Reading.SECRETS
                || rules.rule(r).folded()
                || block.depth() >= Sweep.DEEPEST
                || !ByteSet.TOKEN.has(block.bytes()[literalStart])) {
            return false;
        }
        budget.pay(16);
        return furthest >= block.length() || looksBeyondToken(r, pattern, block, start, literalStart);
    }

    /**
     * False where the expression fails for what stands in the token at {@code literalStart} itself, so that nothing behind
     * it changes the answer. What was read from the starts behind a boundary is known by now; the others are tried here.
     */
    private boolean looksBeyondToken(int r, AnchoredPattern pattern, Block block, int start, int literalStart) {
        var bytes = block.bytes();
        var end = Math.min(block.length(), literalStart + pattern.reach());
        for (var at = start; at <= literalStart; at++) {
            if (pattern.leftBoundary() && !Sweep.boundary(bytes, at)) {
                var failed = rules.dfa(r, pattern).failsAt(bytes, at, end, budget);
                if (failed < 0) {
                    return true;
                }
                furthest = Math.max(furthest, failed);
            }
        }
        var last = furthest;
        var at = literalStart;
        while (at <= last && ByteSet.TOKEN.has(bytes[at])) {
            at++;
        }
        return at <= last;
    }

    /** Looks for a match of rule {@code r} that goes on behind what cuts it up. */
    void follow(int r, AnchoredPattern pattern, Block block, int start, int literalStart) {
        lookedTo = 0;
        // Nobody writes the pieces of a token into compressed data, where any three bytes make one between them.
        var byChance = !MostlyText.at(block.bytes(), literalStart, block.length());
        if (!byChance && goesOn(r, pattern, block, start, literalStart)) {
            byChance = Noise.around(block.bytes(), literalStart, block.length());
            if (!byChance) {
                joined.around(r, pieces, literalStart - start, block);
            }
        }
        if (byChance) {
            // The same in other surroundings is no chance.
            followedTo = Integer.MAX_VALUE;
            lookedTo = literalStart + AnchoredPattern.LONGEST_REACH;
        }
    }

    /** The last byte that the last {@link #mayGoOn} knows to have been read where it said no. */
    int furthest() {
        return furthest;
    }

    /** No byte from here on was looked at by the last {@link #follow}. */
    int followedTo() {
        return followedTo;
    }

    /** The end of what decided the last {@link #follow}; the end of the text where that was followed to it. */
    int lookedTo() {
        return lookedTo;
    }

    /**
     * Takes pieces from {@code start} while the expression wants more of them: where it fails for what it saw and not
     * for where that ended, no further piece changes its answer. Ordinary words that begin like a secret end here.
     *
     * @return false where it failed on two, and so fails at every other end, or where there is no second
     */
    private boolean goesOn(int r, AnchoredPattern pattern, Block block, int start, int literalStart) {
        pieces.clear();
        followedTo = Integer.MAX_VALUE;
        var bytes = block.bytes();
        var length = block.length();
        var at = start;
        var taken = 0;
        while (taken < Continuation.PIECES && at < length && pieces.length() < Continuation.LONGEST) {
            var before = at;
            at = Continuation.next(bytes, at, length, pieces);
            followedTo = Math.max(before + Continuation.FURTHEST, literalStart + pattern.reach());
            lookedTo = Math.max(
                    literalStart + pattern.reach(),
                    at < length ? at + NAME : Math.min(length, before + Continuation.FURTHEST));
            taken++;
            // What is behind the last piece is not walked over but left out.
            budget.pay(Math.min(at - before, Continuation.LONGEST_PIECE));
            if (taken > 1 && Integer.bitCount(taken) == 1) {
                if (!joined.wantsMore(r, pattern, pieces, literalStart - start)) {
                    return taken > 2;
                }
            }
        }
        return taken > 1;
    }
}
