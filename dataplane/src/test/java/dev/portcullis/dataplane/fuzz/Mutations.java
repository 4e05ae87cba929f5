package dev.portcullis.dataplane.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Changes of kept inputs, the same ones for the same seed. */
final class Mutations {
    /** Values that lengths and counts are tried with. */
    private static final int[] EDGES = {0, 1, 2, 3, 4, 7, 8, 15, 16, 20, 24, 48, 127, 128, 255, 256, 257, 65535};

    /** Longest input. */
    private static final int LONGEST = 16 * 1024;

    /** What parsers of text look out for. */
    private static final List<byte[]> WORDS = List.of(
            bytes("\\u0061"),
            bytes("%2"),
            bytes("%25"),
            bytes("&#x61;"),
            bytes("\r\n\r\n"),
            bytes("--b\r\n"),
            bytes("{\""),
            bytes("\":"),
            bytes("://"),
            bytes("\0"),
            bytes("\u00ef\u00bb\u00bf"),
            bytes("\u00e2\u0080\u008b"),
            bytes("\u00ff\u00fe"),
            bytes("\u001f\u008b\u0008"),
            bytes("data: "),
            bytes("ZGF0YTog"),
            bytes("=0A=\r\n"));

    private final List<byte[]> corpus;
    private final SplittableRandom random;

    Mutations(List<byte[]> corpus, long seed) {
        this.corpus = corpus;
        random = new SplittableRandom(seed);
    }

    /** The next input. */
    byte[] next() {
        var bytes = one(corpus).clone();
        for (var changes = 1 + random.nextInt(4); changes > 0; changes--) {
            bytes = change(bytes);
        }
        return bytes.length > LONGEST ? Arrays.copyOf(bytes, LONGEST) : bytes;
    }

    private byte[] change(byte[] bytes) {
        if (bytes.length < 4) {
            return joined(bytes, one(corpus), new byte[0]);
        }
        var at = random.nextInt(bytes.length - 1);
        switch (random.nextInt(9)) {
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
            case 4, 5 -> {
                // A part twice, or a part of another input.
                var other = random.nextBoolean() ? bytes : one(corpus);
                var from = random.nextInt(Math.max(1, other.length));
                var length = Math.min(random.nextInt(64), other.length - from);
                return inserted(bytes, at, Arrays.copyOfRange(other, from, from + length));
            }
            case 6 -> {
                var length = Math.min(1 + random.nextInt(16), bytes.length - at);
                return joined(
                        Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + length, bytes.length), new byte[0]);
            }
            case 7 -> {
                return inserted(bytes, at, one(WORDS));
            }
            default -> {
                // IPFIX says how long it is; mutations of its parts are looked at only when that is right.
                if (bytes[1] == 10) {
                    bytes[2] = (byte) (bytes.length >>> 8);
                    bytes[3] = (byte) bytes.length;
                }
            }
        }
        return bytes;
    }

    private byte[] one(List<byte[]> all) {
        return all.get(random.nextInt(all.size()));
    }

    private static byte[] inserted(byte[] bytes, int at, byte[] part) {
        return joined(Arrays.copyOf(bytes, at), part, Arrays.copyOfRange(bytes, at, bytes.length));
    }

    private static byte[] joined(byte[] first, byte[] second, byte[] third) {
        var all = Arrays.copyOf(first, first.length + second.length + third.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        System.arraycopy(third, 0, all, first.length + second.length, third.length);
        return all;
    }

    private static byte[] bytes(String latin1) {
        return latin1.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
