package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.benchmarks.scan.Texts;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import dev.portcullis.dataplane.firewall.scan.seed.SeedPhraseWalk;
import dev.portcullis.dataplane.firewall.scan.view.Canonical;
import dev.portcullis.dataplane.firewall.scan.view.Fragments;
import dev.portcullis.dataplane.firewall.scan.view.SpacedOut;
import dev.portcullis.dataplane.firewall.scan.view.ValueReader;
import dev.portcullis.dataplane.firewall.scan.view.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
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
    private final byte[] json = Texts.chatJson(64 * 1024);
    private final byte[] page = Texts.page(10 * 1024);
    private final RuleSet secrets = secrets();
    private final RuleSet prose = RuleSet.of(
            RuleSet.Reading.PROSE,
            RulePack.read(ScanEngine.class, ScanEngine.INJECTION_PACKS).rulesWithout(List.of()));
    private final Rule.Walk seeds = (Rule.Walk) SeedPhraseWalk.rule().trigger();
    private final Canonical canonical = new Canonical();
    private final Words words = new Words();
    private final Fragments pieces = new Fragments();
    private final Fragments values = new Fragments();
    private final byte[] folded = folded();
    private long seen;

    private static RuleSet secrets() {
        var rules = new ArrayList<>(
                RulePack.read(ScanEngine.class, ScanEngine.CREDENTIAL_PACKS).rulesWithout(List.of()));
        rules.add(SeedPhraseWalk.rule());
        return RuleSet.of(RuleSet.Reading.SECRETS, rules);
    }

    private byte[] folded() {
        canonical.read(page, 0, page.length, Canonical.Mode.PAGE);
        ValueReader.JSON.read(json, 0, json.length, json.length, false, values);
        return java.util.Arrays.copyOf(canonical.bytes(), canonical.length());
    }

    @Benchmark
    public long jsonLiterals() {
        secrets.index().scan(json, 0, json.length, json.length, (literal, start) -> seen += start);
        return seen;
    }

    /** All stages that a search of text as it stands has, expressions included. */
    @Benchmark
    public long jsonSearch() {
        var sweep = sweep(secrets, json.length);
        sweep.search(json, 0, json.length, json.length, 0);
        return sweep.budget().paid();
    }

    @Benchmark
    public long jsonSeedPhrases() {
        seeds.walk(json, 0, json.length, json.length, new Rule.Found() {
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
    public long jsonNumbers() {
        var sweep = sweep(secrets, json.length);
        NumberRuns.find(sweep, secrets, Block.raw(json, json.length, 0), 0, json.length);
        return sweep.budget().paid();
    }

    @Benchmark
    public long jsonEncodedRuns() {
        var sweep = sweep(secrets, json.length);
        new EncodedRuns(sweep, secrets, sweep.budget()).find(Block.raw(json, json.length, 0), 0, json.length);
        return sweep.budget().paid();
    }

    @Benchmark
    public long jsonSpacedOut() {
        SpacedOut.find(json, 0, json.length, json.length, pieces, (from, to, run) -> seen += run.length());
        return seen;
    }

    @Benchmark
    public int jsonFirstEscape() {
        return Canonical.firstEscape(json, 0, json.length, false);
    }

    @Benchmark
    public int jsonValues() {
        pieces.clear();
        ValueReader.JSON.read(json, 0, json.length, json.length, false, pieces);
        return pieces.length();
    }

    @Benchmark
    public long jsonJoinedValues() {
        var sweep = sweep(secrets, json.length);
        sweep.searchJoined(values, json, json.length, json.length, 0);
        return sweep.budget().paid();
    }

    @Benchmark
    public int pageFolded() {
        canonical.read(page, 0, page.length, Canonical.Mode.PAGE);
        return canonical.length();
    }

    @Benchmark
    public int pageWords() {
        words.read(folded, folded.length);
        return words.length();
    }

    @Benchmark
    public long pageLiterals() {
        prose.index().scan(folded, 0, folded.length, folded.length, (literal, start) -> seen += start);
        return seen;
    }

    @Benchmark
    public long pageLiteralsAndExpressions() {
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
