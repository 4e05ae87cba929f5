package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.benchmarks.scan.Conversations;
import dev.portcullis.benchmarks.scan.Texts;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import dev.portcullis.dataplane.firewall.scan.seed.SeedPhraseWalk;
import dev.portcullis.dataplane.firewall.scan.view.ByteClasses;
import dev.portcullis.dataplane.firewall.scan.view.Canonical;
import dev.portcullis.dataplane.firewall.scan.view.Fragments;
import dev.portcullis.dataplane.firewall.scan.view.SpacedOut;
import dev.portcullis.dataplane.firewall.scan.view.ValueReader;
import dev.portcullis.dataplane.firewall.scan.view.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What each stage of a scan costs alone, on the clean texts of the other scan rows. Lives in the room that it measures. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class StageBenchmark {
    private static final int BYTES = 64 * 1024;
    private static final int PAGE = 10 * 1024;

    private final RuleSet secrets = secrets();
    private final RuleSet prose = RuleSet.of(
            RuleSet.Reading.PROSE,
            RulePack.read(ScanEngine.class, ScanEngine.INJECTION_PACKS).rulesWithout(List.of()));
    private final Rule.Walk seeds = (Rule.Walk) SeedPhraseWalk.rule().trigger();
    private final Canonical canonical = new Canonical();
    private final Words words = new Words();
    private final Fragments pieces = new Fragments();
    private long seen;

    private static RuleSet secrets() {
        var rules = new ArrayList<>(
                RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS).rulesWithout(List.of()));
        rules.add(SeedPhraseWalk.rule());
        return RuleSet.of(RuleSet.Reading.SECRETS, rules);
    }

    /** A page to search, the same again and again or a hundred different ones in turn. */
    @State(Scope.Thread)
    public static class Page {
        /** How many there are. */
        @Param({"1", "100"})
        public int pages = 1;

        private byte[][] raw = {};
        private byte[][] folded = {};
        private byte[][] words = {};
        private int next;

        /** Makes the texts. */
        @Setup
        public void make() {
            var all = Texts.page(pages * PAGE);
            raw = new byte[pages][];
            folded = new byte[pages][];
            words = new byte[pages][];
            var canonical = new Canonical();
            var reader = new Words();
            for (var n = 0; n < pages; n++) {
                raw[n] = Arrays.copyOfRange(all, n * PAGE, (n + 1) * PAGE);
                canonical.read(raw[n], 0, PAGE, Canonical.Mode.PAGE);
                folded[n] = Arrays.copyOf(canonical.bytes(), canonical.length());
                reader.read(folded[n], folded[n].length);
                words[n] = Arrays.copyOf(reader.bytes(), reader.length());
            }
        }

        private int next() {
            next = next + 1 == pages ? 0 : next + 1;
            return next;
        }
    }

    /** A request to search. */
    @State(Scope.Thread)
    public static class Request {
        /** What it holds. */
        @Param({"json", "code", "german", "russian", "chinese"})
        public String text = "json";

        private byte[] bytes = new byte[0];
        private final Fragments values = new Fragments();

        /** Makes the text. */
        @Setup
        public void make() {
            bytes = switch (text) {
                case "json" -> Texts.chatJson(BYTES);
                case "code" -> Conversations.code(BYTES);
                default ->
                    Conversations.chat(text.equals("german") ? "de" : text.equals("russian") ? "ru" : "zh", BYTES);
            };
            ValueReader.JSON.read(bytes, 0, bytes.length, bytes.length, false, values);
            classes().read(bytes, 0, bytes.length, bytes.length);
        }

        private static ByteClasses classes() {
            return Views.ofThread().classes(0);
        }

        private Block block() {
            return Block.raw(bytes, bytes.length, 0);
        }
    }

    /** The pass whose outcome all stages share that are measured alone here; they are measured without it. */
    @Benchmark
    public int classes(Request request) {
        Request.classes().read(request.bytes, 0, request.bytes.length, request.bytes.length);
        return Request.classes().end();
    }

    @Benchmark
    public long literals(Request request) {
        var bytes = request.bytes;
        secrets.index().scan(bytes, 0, bytes.length, bytes.length, (literal, start) -> seen += start);
        return seen;
    }

    /** All stages but values put together. */
    @Benchmark
    public long search(Request request) {
        var sweep = sweep(secrets, request.bytes.length);
        sweep.search(request.block(), 0, request.bytes.length);
        return sweep.budget().paid();
    }

    @Benchmark
    public long seedPhrases(Request request) {
        seeds.walk(request.bytes, 0, request.bytes.length, request.bytes.length, Request.classes(), new Rule.Found() {
            @Override
            public void at(int start, int end) {
                throw new IllegalStateException("not clean");
            }

            @Override
            public void pay(long units) {
                seen += units;
            }
        });
        return seen;
    }

    @Benchmark
    public long numbers(Request request) {
        var sweep = sweep(secrets, request.bytes.length);
        NumberRuns.find(sweep, secrets, request.block(), 0, request.bytes.length, Request.classes());
        return sweep.budget().paid();
    }

    @Benchmark
    public long decimalCodes(Request request) {
        var sweep = sweep(secrets, request.bytes.length);
        DecimalCodes.find(sweep, request.block(), 0, request.bytes.length, Request.classes());
        return sweep.budget().paid();
    }

    @Benchmark
    public long encodedRuns(Request request) {
        var sweep = sweep(secrets, request.bytes.length);
        new EncodedRuns(sweep, secrets, sweep.budget()).find(request.block(), 0, request.bytes.length);
        return sweep.budget().paid();
    }

    @Benchmark
    public long spacedOut(Request request) {
        var bytes = request.bytes;
        SpacedOut.find(
                bytes,
                0,
                bytes.length,
                bytes.length,
                Request.classes(),
                pieces,
                (from, to, run) -> seen += run.length());
        return seen;
    }

    @Benchmark
    public int firstEscape(Request request) {
        return Canonical.firstEscape(request.bytes, 0, request.bytes.length, false, Request.classes());
    }

    /** Everything around escapes and letters that are read otherwise, searched again. */
    @Benchmark
    public long secondReading(Request request) {
        var sweep = sweep(secrets, request.bytes.length);
        var block = request.block();
        var second = new SecondReading(sweep, secrets, sweep.budget(), SecondReading.NEAR);
        var first = Canonical.firstEscape(request.bytes, 0, request.bytes.length, false, Request.classes());
        if (first >= 0) {
            second.search(block, 0, request.bytes.length, first, second.examined(block));
        }
        return sweep.budget().paid();
    }

    @Benchmark
    public int values(Request request) {
        pieces.clear();
        ValueReader.JSON.read(request.bytes, 0, request.bytes.length, request.bytes.length, false, pieces);
        return pieces.length();
    }

    @Benchmark
    public long joinedValues(Request request) {
        var sweep = sweep(secrets, request.bytes.length);
        sweep.searchJoined(request.values, request.bytes, request.bytes.length, request.bytes.length, 0);
        return sweep.budget().paid();
    }

    @Benchmark
    public int pageFolded(Page page) {
        canonical.read(page.raw[page.next()], 0, PAGE, Canonical.Mode.PAGE);
        return canonical.length();
    }

    @Benchmark
    public int pageWords(Page page) {
        var folded = page.folded[page.next()];
        words.read(folded, folded.length);
        return words.length();
    }

    @Benchmark
    public long pageLiterals(Page page) {
        var folded = page.folded[page.next()];
        prose.index().scan(folded, 0, folded.length, folded.length, (literal, start) -> seen += start);
        return seen;
    }

    @Benchmark
    public long pageLiteralsAndExpressions(Page page) {
        return search(page.folded[page.next()]);
    }

    @Benchmark
    public long pageWordsLiteralsAndExpressions(Page page) {
        return search(page.words[page.next()]);
    }

    private long search(byte[] folded) {
        var sweep = sweep(prose, folded.length);
        sweep.search(new Block(folded, folded.length, null, 0, folded.length, false, "", 1, true), 0, folded.length);
        return sweep.budget().paid();
    }

    private static Sweep sweep(RuleSet rules, int bytes) {
        var budget = new WorkBudget();
        budget.grant(bytes);
        return new Sweep(rules, budget, (rule, start, end, encoding) -> {
            throw new IllegalStateException("not clean: " + rule.name());
        });
    }
}
