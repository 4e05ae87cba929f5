package dev.portcullis.benchmarks.scan;

import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
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
        "ghpRuns"
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
            case "percent" -> Texts.repeated("%67%68%70%5f%41", BYTES);
            case "nested" -> nested(bytes);
            case "spaced" -> Texts.repeated("g h p _ A 1 b 2 C 3 ", BYTES);
            case "seedWords" ->
                Texts.repeated("zoo wrong legal winner thank year wave sausage worth useful able acid ", BYTES);
            case "digits" -> Texts.repeated("4111111111111112 4012888888881882 ", BYTES);
            case "zeroWidth" -> Texts.repeated("g\u200bh\u200bp\u200b_\u200b", BYTES);
            case "deepJson" -> Texts.repeated("[{\"a\":", BYTES);
            case "random" -> bytes;
            case "nearMisses" ->
                Texts.repeated("ghp_1 AKIA2 sk-3 xoxb-4 eyJ5 token= secret: key\" api_key='x' Bearer ", BYTES);
            case "cutUp" -> Texts.repeated("\"ghp_a1B\",\"c2D\",\"AKIA\",", BYTES);
            case "tokenRuns" -> Texts.repeated("eyJeyJeyJ.", BYTES);
            case "ghpRuns" -> Texts.repeated("ghp_", BYTES);
            default -> throw new IllegalArgumentException(kind);
        };
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
