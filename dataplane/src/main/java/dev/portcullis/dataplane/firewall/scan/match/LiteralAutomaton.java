package dev.portcullis.dataplane.firewall.scan.match;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Every literal of a rule set in one Aho-Corasick automaton with a dense goto table over byte classes. ASCII letters are
 * folded; who needs the exact case checks it at the hit. One table read per byte whatever the number of literals.
 * Immutable, any thread.
 */
final class LiteralAutomaton {
    /** Told of each occurrence, in order of its end. */
    interface Hits {
        /** Literal number {@code literal} ends before index {@code end}. */
        void hit(int literal, int end);
    }

    private static final int[] NONE = {};

    private final byte[] classOf = new byte[256];
    private final int shift;
    /** Rows of {@code 1 << shift} columns; entries are row offsets, so a step needs no multiplication. */
    private final int[] next;

    /** Rows at and after this offset end a literal. */
    private final int accepting;

    private final int[][] outputs;

    private LiteralAutomaton(Trie trie) {
        System.arraycopy(trie.classOf, 0, classOf, 0, 256);
        shift = 32 - Integer.numberOfLeadingZeros(Math.max(1, trie.classes - 1));
        var states = trie.go.size();
        // Accepting states last, so that "is this a hit" is one comparison.
        var rank = new int[states];
        var row = 0;
        for (var pass = 0; pass < 2; pass++) {
            for (var s = 0; s < states; s++) {
                if ((trie.out.get(s).length > 0) == (pass == 1)) {
                    rank[s] = row++;
                }
            }
        }
        var plain = (int) trie.out.stream().filter(o -> o.length == 0).count();
        accepting = plain << shift;
        outputs = new int[states - plain][];
        next = new int[states << shift];
        for (var s = 0; s < states; s++) {
            for (var c = 0; c < trie.classes; c++) {
                next[(rank[s] << shift) + c] = rank[trie.go.get(s)[c]] << shift;
            }
            if (rank[s] >= plain) {
                outputs[rank[s] - plain] = trie.out.get(s);
            }
        }
    }

    static LiteralAutomaton of(List<byte[]> literals) {
        return new LiteralAutomaton(new Trie(literals));
    }

    /** Reports every literal that lies wholly in {@code [from, to)}. */
    void scan(byte[] text, int from, int to, Hits hits) {
        var classes = classOf;
        var table = next;
        var state = 0;
        for (var i = from; i < to; i++) {
            state = table[state + (classes[text[i] & 0xff] & 0xff)];
            if (state >= accepting) {
                for (var literal : outputs[(state - accepting) >> shift]) {
                    hits.hit(literal, i + 1);
                }
            }
        }
    }

    /** Bytes the goto table takes. */
    long tableBytes() {
        return 4L * next.length;
    }

    static byte fold(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
    }

    private static final class Trie {
        final byte[] classOf = new byte[256];
        final List<int[]> go = new ArrayList<>();
        final List<int[]> out = new ArrayList<>();
        int classes = 1;

        Trie(List<byte[]> literals) {
            for (var literal : literals) {
                for (var b : literal) {
                    var folded = fold(b) & 0xff;
                    if (classOf[folded] == 0) {
                        classOf[folded] = (byte) classes++;
                    }
                }
            }
            for (var c = 'A'; c <= 'Z'; c++) {
                classOf[c] = classOf[c + 32];
            }
            addState();
            for (var n = 0; n < literals.size(); n++) {
                var state = 0;
                for (var b : literals.get(n)) {
                    var c = classOf[b & 0xff] & 0xff;
                    if (go.get(state)[c] < 0) {
                        go.get(state)[c] = addState();
                    }
                    state = go.get(state)[c];
                }
                out.set(state, with(out.get(state), n));
            }
            link();
        }

        private int addState() {
            var row = new int[classes];
            Arrays.fill(row, -1);
            go.add(row);
            out.add(NONE);
            return go.size() - 1;
        }

        private static int[] with(int[] list, int... more) {
            var longer = Arrays.copyOf(list, list.length + more.length);
            System.arraycopy(more, 0, longer, list.length, more.length);
            return longer;
        }

        /** Fills the missing edges by the failure links, breadth first. */
        private void link() {
            var fail = new int[go.size()];
            var queue = new ArrayDeque<Integer>();
            for (var c = 0; c < classes; c++) {
                var target = go.getFirst()[c];
                if (target < 0) {
                    go.getFirst()[c] = 0;
                } else {
                    queue.add(target);
                }
            }
            while (!queue.isEmpty()) {
                int state = queue.remove();
                var fallback = fail[state];
                out.set(state, with(out.get(state), out.get(fallback)));
                var row = go.get(state);
                for (var c = 0; c < classes; c++) {
                    if (row[c] < 0) {
                        row[c] = go.get(fallback)[c];
                    } else {
                        fail[row[c]] = go.get(fallback)[c];
                        queue.add(row[c]);
                    }
                }
            }
        }
    }
}
