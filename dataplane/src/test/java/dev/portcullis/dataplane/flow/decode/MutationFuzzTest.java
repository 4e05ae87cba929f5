package dev.portcullis.dataplane.flow.decode;

import static dev.portcullis.dataplane.flow.decode.Datagrams.ipfix;
import static dev.portcullis.dataplane.flow.decode.Datagrams.netFlow9;
import static dev.portcullis.dataplane.flow.decode.Datagrams.record;
import static dev.portcullis.dataplane.flow.decode.Datagrams.set;
import static dev.portcullis.dataplane.flow.decode.Datagrams.standardTemplate;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Feeds each decoder with mutations of a kept corpus: {@code src/test/resources/flow-corpus}, one datagram a file in
 * hexadecimal, named for its protocol. {@code -Dfuzz.iterations=N} and {@code -Dfuzz.seed=N} make longer and other runs; a
 * datagram that fails goes into the corpus.
 */
class MutationFuzzTest {
    private static final int ITERATIONS = Integer.getInteger("fuzz.iterations", 150_000);
    private static final long SEED = Long.getLong("fuzz.seed", 20_261_125);

    /** Values that lengths and counts are tried with. */
    private static final int[] EDGES = {0, 1, 2, 3, 4, 7, 8, 15, 16, 20, 24, 48, 127, 128, 255, 256, 257, 65535};

    @ParameterizedTest
    @EnumSource(Protocol.class)
    @Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void noBytesHangBreakOrGrowTheDecoder(Protocol protocol) {
        var corpus = corpus(protocol.label());
        assertThat(corpus).isNotEmpty();
        var random = new SplittableRandom(SEED);
        var decoding = new Decoding();
        decoding.keep = false;
        var good = new Exporter(InetAddress.ofLiteral("192.0.2.99"), decoding.budget);
        var port = protocol == Protocol.SFLOW5 ? FlowDecoder.Port.SFLOW : FlowDecoder.Port.NETFLOW;
        decoding.decoder.rules(new DecodeRules(Map.of(), 1, true));
        teach(decoding, good);
        for (var i = 0; i < ITERATIONS; i++) {
            var datagram = mutate(corpus, random);
            var before = decoding.count;
            try {
                decoding.decode(port, decoding.exporter, 0, datagram, datagram.length);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(
                        "iteration " + i + " of seed " + SEED + ": "
                                + HexFormat.of().formatHex(datagram),
                        e);
            }
            // What waited for a template may come with it: 64 KiB of records of at least one byte.
            assertThat(decoding.count - before).isLessThanOrEqualTo(Datagram.MOST_RECORDS);
        }
        assertThat(decoding.exporter.templateFields()).isBetween(0L, 65_536L);
        assertThat(decoding.budget.waiting()).isBetween(0L, 65_536L);
        assertGoodExporterIsUnharmed(decoding, good);
    }

    private static void teach(Decoding decoding, Exporter good) {
        for (var datagram :
                List.of(netFlow9(0, 1, set(0, standardTemplate(256))), ipfix(0, 1, set(2, standardTemplate(256))))) {
            decoding.decode(FlowDecoder.Port.NETFLOW, good, 0, datagram, datagram.length);
        }
    }

    private static void assertGoodExporterIsUnharmed(Decoding decoding, Exporter good) {
        decoding.keep = true;
        var data = set(256, record("192.0.2.7", "198.51.100.1", 3));
        for (var datagram : List.of(netFlow9(1, 1, data), ipfix(0, 1, data))) {
            decoding.flows.clear();
            decoding.decode(FlowDecoder.Port.NETFLOW, good, 0, datagram, datagram.length);
            assertThat(decoding.flows).singleElement().satisfies(flow -> {
                assertThat(flow.packets()).isEqualTo(3);
                assertThat(flow.bytes()).isEqualTo(120);
                assertThat(flow.samplingRate()).isOne();
            });
        }
        assertThat(good.errors()).isZero();
    }

    private static byte[] mutate(List<byte[]> corpus, SplittableRandom random) {
        var bytes = corpus.get(random.nextInt(corpus.size())).clone();
        for (var changes = 1 + random.nextInt(4); changes > 0; changes--) {
            bytes = change(bytes, corpus, random);
        }
        return bytes;
    }

    private static byte[] change(byte[] bytes, List<byte[]> corpus, SplittableRandom random) {
        if (bytes.length < 4) {
            return corpus.get(random.nextInt(corpus.size())).clone();
        }
        var at = random.nextInt(bytes.length - 1);
        switch (random.nextInt(7)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt();
            case 2 -> {
                var edge = EDGES[random.nextInt(EDGES.length)];
                bytes[at] = (byte) (edge >>> 8);
                bytes[at + 1] = (byte) edge;
            }
            case 3 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 4 -> {
                // A part twice, or a part of another datagram.
                var other = random.nextBoolean() ? bytes : corpus.get(random.nextInt(corpus.size()));
                var from = random.nextInt(other.length);
                var length = Math.min(random.nextInt(64), other.length - from);
                return new Octets()
                        .add(Arrays.copyOf(bytes, at))
                        .add(Arrays.copyOfRange(other, from, from + length))
                        .add(Arrays.copyOfRange(bytes, at, bytes.length))
                        .bytes();
            }
            case 5 -> {
                var length = Math.min(1 + random.nextInt(16), bytes.length - at);
                return new Octets()
                        .add(Arrays.copyOf(bytes, at))
                        .add(Arrays.copyOfRange(bytes, at + length, bytes.length))
                        .bytes();
            }
            default -> {
                // IPFIX alone says how long it is; mutations of its parts are looked at only when that is right.
                if (bytes[1] == 10) {
                    bytes[2] = (byte) (bytes.length >>> 8);
                    bytes[3] = (byte) bytes.length;
                }
            }
        }
        return bytes;
    }

    private static List<byte[]> corpus(String protocol) {
        var folder = Path.of("src/test/resources/flow-corpus");
        var all = new ArrayList<byte[]>();
        try (var files = Files.list(folder)) {
            for (var file : files.sorted().toList()) {
                if (file.getFileName().toString().startsWith(protocol + "-")) {
                    all.add(HexFormat.of().parseHex(Files.readString(file).replaceAll("\\s", "")));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }
}
