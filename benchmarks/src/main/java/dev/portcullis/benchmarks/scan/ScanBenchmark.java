package dev.portcullis.benchmarks.scan;

import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import java.nio.ByteBuffer;
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

/** Clean traffic through the entry points that the proxy uses, chunked as the network chunks it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class ScanBenchmark {
    private static final int CHUNK = 8192;

    private final ScanEngine engine = Engines.balanced();
    private final byte[] json64k = Texts.chatJson(64 * 1024);
    private final byte[] json1k = Texts.chatJson(1024);
    private final byte[] turns64k = Texts.turns(64 * 1024);
    private final byte[] code64k = Conversations.code(64 * 1024);
    private final byte[] german64k = Conversations.chat("de", 64 * 1024);
    private final byte[] russian64k = Conversations.chat("ru", 64 * 1024);
    private final byte[] chinese64k = Conversations.chat("zh", 64 * 1024);
    private final byte[] page10k = Texts.page(10 * 1024);
    private final byte[] page100k = Texts.page(100 * 1024);
    private final byte[] page1m = Texts.page(1024 * 1024);
    private int next;
    private final String url =
            "https://api.github.com/repos/acme/site/issues?state=open&labels=bug,ui&per_page=50&page=2";
    private final String longUrl = "https://api.github.com/search?q=" + "a".repeat(4000);

    @Benchmark
    public long dlpJson64k() {
        return request(json64k);
    }

    @Benchmark
    public long dlpJson1k() {
        return request(json1k);
    }

    /** Both kinds of scan in turn, as a proxy does: what one makes the compiler expect, the other must live with. */
    @Benchmark
    public long bothKinds() {
        return request(json64k) + response(page10k, "text/html");
    }

    @Benchmark
    public long dlpTurns64k() {
        return request(turns64k);
    }

    @Benchmark
    public long dlpCode64k() {
        return request(code64k);
    }

    @Benchmark
    public long dlpGerman64k() {
        return request(german64k);
    }

    @Benchmark
    public long dlpRussian64k() {
        return request(russian64k);
    }

    @Benchmark
    public long dlpChinese64k() {
        return request(chinese64k);
    }

    @Benchmark
    public long injectionTurns64k() {
        return response(turns64k, "application/json");
    }

    @Benchmark
    public long injectionPage10k() {
        return response(page10k, "text/html");
    }

    /** One of a hundred different pages after the other: a processor that has seen one page often enough guesses right in it. */
    @Benchmark
    public long injectionPages10k() {
        next = next == 99 ? 0 : next + 1;
        return response(page1m, next * page10k.length, page10k.length, "text/html");
    }

    @Benchmark
    public long injectionPage100k() {
        return response(page100k, "text/html");
    }

    @Benchmark
    public long injectionPage1m() {
        return response(page1m, "text/html");
    }

    @Benchmark
    public List<Finding> urlAllowed() {
        return engine.scanUrl(url, false);
    }

    @Benchmark
    public List<Finding> urlTooLong() {
        return engine.scanUrl(longUrl, false);
    }

    private long request(byte[] body) {
        var scan = engine.openRequestBody("application/json", "api.example.com");
        for (var at = 0; at < body.length; at += CHUNK) {
            scan.feed(ByteBuffer.wrap(body, at, Math.min(CHUNK, body.length - at)));
        }
        scan.finish();
        return cleanOf(scan.findings(), scan.clean());
    }

    private long response(byte[] body, String type) {
        return response(body, 0, body.length, type);
    }

    private long response(byte[] body, int from, int length, String type) {
        var scan = engine.openResponseBody(type, "docs.example.com");
        for (var at = 0; at < length; at += CHUNK) {
            scan.feed(ByteBuffer.wrap(body, from + at, Math.min(CHUNK, length - at)));
        }
        scan.finish();
        return cleanOf(scan.findings(), scan.clean());
    }

    private static long cleanOf(List<Finding> findings, long clean) {
        if (!findings.isEmpty()) {
            throw new IllegalStateException("not clean: " + findings);
        }
        return clean;
    }
}
