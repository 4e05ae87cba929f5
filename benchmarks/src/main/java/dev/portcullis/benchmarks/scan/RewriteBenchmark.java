package dev.portcullis.benchmarks.scan;

import dev.portcullis.crd.v1alpha1.MediaSpec.ImageFormat;
import dev.portcullis.crd.v1alpha1.MediaSpec.OnMedia;
import dev.portcullis.dataplane.firewall.media.MediaPolicy;
import dev.portcullis.dataplane.firewall.media.MediaRewrite;
import dev.portcullis.dataplane.firewall.redact.JsonRedaction;
import dev.portcullis.dataplane.firewall.rewrite.BodyRewrite;
import dev.portcullis.dataplane.firewall.rewrite.Rewritten;
import dev.portcullis.dataplane.firewall.scan.ScanEngine;
import io.netty.buffer.PooledByteBufAllocator;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What changes bodies on their way, chunked as the network chunks them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class RewriteBenchmark {
    private static final int CHUNK = 8192;
    private static final int VALUES = 10;
    private static final MediaPolicy MEDIA =
            new MediaPolicy(EnumSet.allOf(ImageFormat.class), 5 << 20, OnMedia.Block, OnMedia.Block, true, true);

    private final ScanEngine engine =
            Engines.of("{mode: Balanced, dlp: {redact: {enabled: true, classes: [email, ipv4, jwt]}}}");
    private final byte[] jpeg = jpeg(256 * 1024);
    private final byte[] json = withAddresses(message(64 * 1024));
    private final byte[] plainJson = message(64 * 1024);

    /** A JPEG of 256 KiB without anything to take out. */
    @Benchmark
    public long mediaJpeg256k() {
        var passed = run(
                new MediaRewrite(MEDIA, "image/jpeg", false, jpeg.length, PooledByteBufAllocator.DEFAULT), jpeg, null);
        if (passed < jpeg.length / 2) {
            throw new IllegalStateException("only " + passed + " bytes passed");
        }
        return passed;
    }

    /** 64 KiB of JSON in which ten addresses are replaced. */
    @Benchmark
    public long redactionJson64k() {
        return run(
                new JsonRedaction("application/json", engine::openRedaction, PooledByteBufAllocator.DEFAULT),
                json,
                Rewritten.REDACTION);
    }

    /** The same without anything to replace. */
    @Benchmark
    public long redactionCleanJson64k() {
        return run(
                new JsonRedaction("application/json", engine::openRedaction, PooledByteBufAllocator.DEFAULT),
                plainJson,
                null);
    }

    private static long run(BodyRewrite rewrite, byte[] body, @Nullable Rewritten expected) {
        var passed = new long[1];
        try (rewrite) {
            for (var at = 0; at < body.length; at += CHUNK) {
                var count = Math.min(CHUNK, body.length - at);
                rewrite.feed(PooledByteBufAllocator.DEFAULT.directBuffer(count).writeBytes(body, at, count), bytes -> {
                    passed[0] += bytes.readableBytes();
                    bytes.release();
                });
            }
            rewrite.finish(bytes -> {
                passed[0] += bytes.readableBytes();
                bytes.release();
            });
            if (!rewrite.findings().isEmpty() || expected != null && rewrite.done() != expected) {
                throw new IllegalStateException(rewrite.done() + " " + rewrite.findings());
            }
        }
        return passed[0];
    }

    /** One long message of what people write. */
    private static byte[] message(int bytes) {
        var text = new String(Texts.chatJson(bytes), StandardCharsets.UTF_8).replaceAll("[^\\w .,:/-]", "");
        return ("{\"role\":\"user\",\"content\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] withAddresses(byte[] json) {
        var text = new StringBuilder(new String(json, StandardCharsets.UTF_8));
        for (var i = 0; i < VALUES; i++) {
            var end = text.indexOf(" ", i * text.length() / VALUES);
            text.insert(end, " person." + i + "@example.org");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A picture of noise, which no compression makes much smaller: a little above {@code bytes}. */
    private static byte[] jpeg(int bytes) {
        var random = new Random(1);
        for (var side = 256; ; side += 32) {
            var image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
            for (var y = 0; y < side; y++) {
                for (var x = 0; x < side; x++) {
                    image.setRGB(x, y, random.nextInt());
                }
            }
            var out = new ByteArrayOutputStream();
            try {
                ImageIO.write(image, "jpg", out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (out.size() >= bytes) {
                return out.toByteArray();
            }
        }
    }
}
