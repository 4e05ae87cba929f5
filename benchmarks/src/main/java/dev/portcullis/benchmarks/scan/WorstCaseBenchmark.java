package dev.portcullis.benchmarks.scan;

import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
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

/** 64 KiB that make the scan work as hard as it ever does; 5 MB/s is 13,107 µs. What is refused ends early. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 1, time = 1)
@Measurement(iterations = 2, time = 1)
@Fork(1)
public class WorstCaseBenchmark {
    private static final int BYTES = 64 * 1024;

    @Param({
        "base64",
        "percent",
        "nested",
        "spaced",
        "seedWords",
        "digits",
        "zeroWidth",
        "deepJson",
        "random",
        "nearMisses",
        "cutUp",
        "tokenRuns",
        "ghpRuns",
        "keyNames",
        "ignoreAll",
        "leet",
        "chinese",
        "ghpMixed",
        "nearMissesMixed",
        "ignoreMixed",
        "leetMixed",
        "chineseMixed",
        "prefixes",
        "cutUpMixed",
        "confusables",
        "base64Runs",
        "hexRuns",
        "seedMixed",
        "sourceMap"
    })
    public String kind = "";

    private final ScanEngine engine = Engines.balanced();
    private byte[] body = {};

    @Setup
    public void write() {
        var random = new Random(7);
        var bytes = new byte[BYTES];
        random.nextBytes(bytes);
        body = switch (kind) {
            case "base64" -> cut(Base64.getEncoder().encode(bytes));
            case "nested" -> nested(bytes);
            case "random" -> bytes;
            default -> written(kind, random);
        };
    }

    /** What {@code worst-cases.properties} says, which WorstCaseTest holds to the work budget. */
    private static byte[] written(String kind, Random random) {
        var texts = new Properties();
        try (var file = Objects.requireNonNull(
                WorstCaseBenchmark.class.getResourceAsStream("worst-cases.properties"), "worst-cases.properties")) {
            texts.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var pieces = Objects.requireNonNull(texts.getProperty(kind), kind).split("\\|");
        var text = new StringBuilder();
        while (text.length() < BYTES) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        return Arrays.copyOf(text.toString().getBytes(StandardCharsets.UTF_8), BYTES);
    }

    private static byte[] nested(byte[] bytes) {
        var text = bytes;
        for (var times = 0; times < 3; times++) {
            text = Base64.getEncoder().encode(text);
        }
        return cut(text);
    }

    private static byte[] cut(byte[] text) {
        return new String(text, 0, BYTES, StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Benchmark
    public int request() {
        var scan = engine.openRequestBody("application/json", "api.example.com");
        scan.feed(ByteBuffer.wrap(body));
        scan.finish();
        return scan.findings().size();
    }

    @Benchmark
    public int response() {
        var scan = engine.openResponseBody("text/html", "docs.example.com");
        scan.feed(ByteBuffer.wrap(body));
        scan.finish();
        return scan.findings().size();
    }
}
