package dev.portcullis.dataplane.firewall.scan.match;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says of a place that an expression does not match there, in one look at each byte: a deterministic automaton whose states
 * are made when a text first needs them (Thompson 1968; RE2 does the same). What it does not rule out is left to the
 * expression, which alone knows groups and may read each byte many times. Any thread; threads share what they learn.
 */
final class LazyDfa {
    /** For an expression that is always asked itself. */
    static final LazyDfa NONE = new LazyDfa(null, 0);

    /** It is not ruled out that the expression matches. */
    static final int MAYBE = -1;

    /** The same, because this text has the expression in more states than are kept: it will not be better at its next place. */
    static final int TOO_MANY = -2;

    /** A match may end here where the text does, and none has ended before. */
    static final byte HERE = 1;

    /** A match may have ended here or before. */
    static final byte PASSED = 2;

    /** Transitions that all automata of the process keep together, two bytes each. */
    private static final int MOST_HELD = 1 << 21;

    private static final AtomicInteger HELD = new AtomicInteger();

    /** Transitions kept; with more, all are forgotten and learned again. */
    static final int TRANSITIONS = 1 << 16;

    /** States, as two bits of a char are taken. */
    private static final int MOST_STATES = 1 << 13;

    /** Units that a transition costs which no text needed before: few, or the first ordinary texts of a process paid for all. */
    private static final int LEARN = 8;

    /** The same once this automaton had to forget: about what it takes, for a text can make it learn without end. */
    private static final int LEARN_AGAIN = 96;

    /** Readings of one text after which all that was known is forgotten once more than it helps. */
    private static final int MOST_READINGS = 2;

    /** Units that a call costs whatever it reads. */
    private static final int CALL = 4;

    private static final int BYTES = 256;

    /** The last byte read completes what the expression may match. */
    private static final int ACCEPTS = 1;

    /** The expression may match up to here where the text ends here. */
    private static final int MAY_END = 2;

    private static final int FLAGS = 2;
    private static final char UNKNOWN = 0;
    private static final char DEAD = 4;

    /** Of the packs of this build only, so that their number is bounded. */
    private static final Map<String, LazyDfa> ALL = new ConcurrentHashMap<>();

    private final @Nullable GlushkovAutomaton automaton;
    private final byte[] classOf = new byte[BYTES];
    private final int classes;
    private final int mostStates;
    private volatile Table table;
    private volatile boolean forgot;

    /** Transitions known so far. States are numbered from 2, so that neither {@link #UNKNOWN} nor {@link #DEAD} is one. */
    private static final class Table {
        /** For each state and class of bytes the next state and its flags. Written under the automaton's lock, read without. */
        final char[] next;

        /** What each state awaits. Under the lock. */
        final List<BitSet> states;

        final Map<BitSet, Integer> numbers;

        Table(char[] next, List<BitSet> states, Map<BitSet, Integer> numbers) {
            this.next = next;
            this.states = states;
            this.numbers = numbers;
        }
    }

    private LazyDfa(@Nullable GlushkovAutomaton automaton, int transitions) {
        this.automaton = automaton;
        classes = automaton == null ? 1 : classes(automaton);
        mostStates = Math.max(2, Math.min(MOST_STATES, transitions / classes));
        table = new Table(new char[0], List.of(), Map.of());
        if (automaton != null) {
            table = fresh(automaton);
        }
    }

    /** The automaton of {@code pattern}, which a rule pack has. */
    static LazyDfa of(Pattern pattern) {
        return ALL.computeIfAbsent(pattern.flags() + pattern.pattern(), key -> {
            var automaton = GlushkovAutomaton.of(pattern);
            return automaton == null ? NONE : new LazyDfa(automaton, TRANSITIONS);
        });
    }

    /** The automaton of {@code pattern} that keeps {@code transitions} of them. */
    static LazyDfa of(Pattern pattern, int transitions) {
        var automaton = GlushkovAutomaton.of(pattern);
        return automaton == null ? NONE : new LazyDfa(automaton, transitions);
    }

    /** False for an expression that is always asked itself. */
    boolean knows() {
        return automaton != null;
    }

    /** Numbers the classes of bytes that no position tells apart. */
    private int classes(GlushkovAutomaton of) {
        var count = 1;
        for (var set : of.sets()) {
            var split = new HashMap<Integer, Byte>();
            for (var b = 0; b < BYTES; b++) {
                var key = (classOf[b] & 0xff) << 1 | (set.get(b) ? 1 : 0);
                classOf[b] = split.computeIfAbsent(key, k -> (byte) split.size());
            }
            count = split.size();
        }
        return count;
    }

    private void forget(GlushkovAutomaton of, Table now) {
        forgot = true;
        table = fresh(of);
        HELD.addAndGet(table.next.length - now.next.length);
    }

    private Table fresh(GlushkovAutomaton of) {
        var states = new ArrayList<BitSet>();
        var numbers = new HashMap<BitSet, Integer>();
        states.add(of.first());
        numbers.put(of.first(), 2);
        return new Table(new char[Math.min(mostStates, 8) * classes], states, numbers);
    }

    /**
     * Whether the expression may match from {@code start} of {@code text[0, end)} on.
     *
     * @return the index of the byte behind which nothing makes a match; {@link #MAYBE} or {@link #TOO_MANY} where there is none
     * @throws WorkBudget.Exhausted when the budget does not suffice
     */
    int failsAt(byte[] text, int start, int end, WorkBudget budget) {
        if (automaton == null) {
            return MAYBE;
        }
        var now = table;
        var state = 2;
        var i = start;
        var readings = 1;
        while (true) {
            // Calls nothing, so that it stays one tight loop.
            var value = (int) DEAD;
            var next = now.next;
            for (; i < end; i++) {
                var slot = (state - 2) * classes + (classOf[text[i] & 0xff] & 0xff);
                value = slot < next.length ? next[slot] : UNKNOWN;
                if (value <= DEAD || (value & ACCEPTS) != 0) {
                    break;
                }
                state = value >>> FLAGS;
            }
            if (i == end || (value & ACCEPTS) != 0) {
                budget.pay(CALL + (i - start >> 1));
                return MAYBE;
            }
            if (value == DEAD) {
                budget.pay(CALL + (i - start >> 1));
                return i;
            }
            budget.pay(forgot ? LEARN_AGAIN : LEARN);
            if (!learn(now, state, text[i])) {
                if (readings++ == MOST_READINGS) {
                    return TOO_MANY;
                }
                state = 2;
                i = start;
            }
            now = table;
        }
    }

    /**
     * Where a match that starts at {@code start} may end if the text ends there.
     *
     * @param ends set to {@link #HERE} at {@code n} where it may end at {@code start + n} and no match ends before, to {@link #PASSED}
     *     where one may end there or before, to 0 elsewhere
     * @return the index of a byte behind which nothing makes a match; {@link #MAYBE} where there is none up to {@code end}
     */
    int ends(byte[] text, int start, int end, byte[] ends, WorkBudget budget) {
        if (automaton == null) {
            Arrays.fill(ends, 0, end - start + 1, PASSED);
            return MAYBE;
        }
        var now = table;
        var state = 2;
        var i = start;
        var accepted = false;
        var readings = 1;
        Arrays.fill(ends, 0, end - start + 1, (byte) 0);
        while (i < end) {
            var slot = (state - 2) * classes + (classOf[text[i] & 0xff] & 0xff);
            var value = slot < now.next.length ? now.next[slot] : UNKNOWN;
            if (value == UNKNOWN) {
                budget.pay(forgot ? LEARN_AGAIN : LEARN);
                if (!learn(now, state, text[i])) {
                    if (readings++ == MOST_READINGS) {
                        Arrays.fill(ends, 0, end - start + 1, PASSED);
                        return MAYBE;
                    }
                    state = 2;
                    i = start;
                    accepted = false;
                }
                now = table;
                continue;
            }
            accepted |= (value & ACCEPTS) != 0;
            ends[i + 1 - start] = accepted ? PASSED : (value & MAY_END) != 0 ? HERE : 0;
            state = value >>> FLAGS;
            if (state < 2) {
                if (accepted) {
                    Arrays.fill(ends, i + 1 - start, end - start + 1, PASSED);
                }
                budget.pay(CALL + (i - start >> 2));
                return accepted ? MAYBE : i;
            }
            i++;
        }
        budget.pay(CALL + (end - start >> 2));
        return MAYBE;
    }

    /**
     * Learns where {@code state} of {@code seen} goes with {@code b}.
     *
     * @return false where the states were numbered anew, so that the text must be read from its start
     */
    private synchronized boolean learn(Table seen, int state, byte b) {
        var of = automaton;
        if (of == null) {
            throw new IllegalStateException("no automaton");
        }
        var now = table;
        if (now.states != seen.states) {
            return false;
        }
        var from = now.states.get(state - 2);
        var to = new BitSet();
        var accepts = false;
        for (var p = from.nextSetBit(0); p >= 0; p = from.nextSetBit(p + 1)) {
            if (of.bytes(p).get(b & 0xff)) {
                to.or(of.follow(p));
                accepts |= of.last().get(p);
            }
        }
        var number = 1;
        if (!to.isEmpty()) {
            var known = now.numbers.get(to);
            if (known == null && now.states.size() == mostStates) {
                forget(of, now);
                return false;
            }
            if (known == null) {
                known = now.states.size() + 2;
                now.states.add(to);
                now.numbers.put(to, known);
            }
            number = known;
        }
        var slots = Math.max((state - 1) * classes, (Math.max(2, number) - 1) * classes);
        var next = now.next;
        if (next.length < slots) {
            var more = Math.min(mostStates * classes, Math.max(slots, 2 * next.length)) - next.length;
            if (HELD.addAndGet(more) > MOST_HELD) {
                HELD.addAndGet(-more);
                forget(of, now);
                return false;
            }
            next = Arrays.copyOf(next, next.length + more);
            table = new Table(next, now.states, now.numbers);
        }
        var mayEnd = accepts || to.intersects(of.following());
        next[(state - 2) * classes + (classOf[b & 0xff] & 0xff)] =
                (char) (number << FLAGS | (accepts ? ACCEPTS : 0) | (mayEnd ? MAY_END : 0));
        return true;
    }
}
