package dev.portcullis.dataplane.firewall.scan.coding;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Four bytes by which an archive or a compressed file is known where it begins, and what is to be done from there. */
enum ArchiveSignature {
    /** A local header of a ZIP archive. */
    ZIP_ENTRY,
    /** An entry of the directory of a ZIP archive. */
    ZIP_DIRECTORY,
    GZIP,
    ZSTD,
    SEVEN_ZIP,
    XZ,
    RAR,
    BZIP2,
    LZ4,
    /** Any of them in base64. */
    BASE64;

    /** Bytes of each. */
    static final int LENGTH = 4;

    private static final int ZIP_ENTRY_BYTES = 0x504b0304;
    private static final int ZIP_DIRECTORY_BYTES = 0x504b0102;
    private static final int ZSTD_BYTES = 0x28b52ffd;
    private static final int LZ4_BYTES = 0x04224d18;

    /** "7z" stands before it. */
    private static final int SEVEN_ZIP_BYTES = 0xbcaf271c;

    /** A byte stands before it. */
    private static final int XZ_BYTES = four("7zXZ");

    private static final int RAR_BYTES = four("Rar!");
    private static final int BZIP2_BYTES = four("BZh0");

    /** Method deflate, and no flag of those that RFC 1952 reserves. */
    private static final int GZIP_BYTES = 0x1f8b0800;

    private static final int GZIP_MASK = 0xffffffe0;
    private static final int BZIP2_MASK = 0xfffffff0;

    /** How ZIP, gzip, Zstandard, 7z, xz and RAR begin in base64. */
    private static final int[] ENCODED = {
        four("UEsD"), four("H4sI"), four("KLUv"), four("N3q8"), four("/Td6"), four("UmFy")
    };

    /**
     * A bit for each two bytes that stand next to each other in a signature. Of the three such pairs of any four bytes one begins
     * at a multiple of three from where a search began, so that only each third pair is looked at, and none waits for another.
     */
    private static final long[] PAIRS = new long[1 << 16 - 6];

    /** From one pair that is looked at to the next. */
    private static final int STRIDE = LENGTH - 1;

    static {
        for (var bytes : new int[] {
            ZIP_ENTRY_BYTES, ZIP_DIRECTORY_BYTES, ZSTD_BYTES, LZ4_BYTES, SEVEN_ZIP_BYTES, XZ_BYTES, RAR_BYTES
        }) {
            pairs(bytes);
        }
        for (var bytes : ENCODED) {
            pairs(bytes);
        }
        for (var flags = 0; flags <= ~GZIP_MASK; flags++) {
            pairs(GZIP_BYTES | flags);
        }
        for (var level = 1; level <= 9; level++) {
            pairs(BZIP2_BYTES | level);
        }
    }

    private static int four(String ascii) {
        return ascii.charAt(0) << 24 | ascii.charAt(1) << 16 | ascii.charAt(2) << 8 | ascii.charAt(3);
    }

    private static void pairs(int bytes) {
        for (var behind = 0; behind < STRIDE; behind++) {
            var pair = bytes >>> 8 * behind & 0xffff;
            PAIRS[pair >>> 6] |= 1L << pair;
        }
    }

    /** The one that these four bytes are, or null. */
    private static @Nullable ArchiveSignature of(int bytes) {
        switch (bytes) {
            case ZIP_ENTRY_BYTES:
                return ZIP_ENTRY;
            case ZIP_DIRECTORY_BYTES:
                return ZIP_DIRECTORY;
            case ZSTD_BYTES:
                return ZSTD;
            case LZ4_BYTES:
                return LZ4;
            case SEVEN_ZIP_BYTES:
                return SEVEN_ZIP;
            default:
                break;
        }
        if (bytes == XZ_BYTES) {
            return XZ;
        }
        if (bytes == RAR_BYTES) {
            return RAR;
        }
        if ((bytes & GZIP_MASK) == GZIP_BYTES) {
            return GZIP;
        }
        if ((bytes & BZIP2_MASK) == BZIP2_BYTES && (bytes & 0xf) >= 1 && (bytes & 0xf) <= 9) {
            return BZIP2;
        }
        for (var encoded : ENCODED) {
            if (bytes == encoded) {
                return BASE64;
            }
        }
        return null;
    }

    /** Finds signatures in bytes that come in pieces. Not thread-safe. */
    static final class Search {
        private int window;
        private int last;

        /** The bytes of the signature that was found last. */
        byte[] last() {
            return ByteBuffer.allocate(LENGTH).putInt(last).array();
        }

        /** Moves behind the next signature and says which it is, or moves to the limit and returns null. */
        @Nullable
        ArchiveSignature next(ByteBuffer bytes) {
            var start = bytes.position();
            var limit = bytes.limit();
            var seam = Math.min(limit, start + LENGTH - 1);
            for (var i = start; i < seam; i++) {
                window = window << 8 | bytes.get(i) & 0xff;
                var found = of(window);
                if (found != null) {
                    return behind(bytes, i + 1, window, found);
                }
            }
            var at = start + LENGTH - 1;
            while ((at = next(bytes, at, limit)) < limit) {
                var four = bytesBefore(bytes, at);
                var found = of(four);
                if (found != null) {
                    return behind(bytes, at + 1, four, found);
                }
                at++;
            }
            for (var i = Math.max(seam, limit - LENGTH + 1); i < limit; i++) {
                window = window << 8 | bytes.get(i) & 0xff;
            }
            bytes.position(limit);
            return null;
        }

        private static int bytesBefore(ByteBuffer bytes, int at) {
            return (bytes.get(at - 3) & 0xff) << 24
                    | (bytes.get(at - 2) & 0xff) << 16
                    | (bytes.get(at - 1) & 0xff) << 8
                    | bytes.get(at) & 0xff;
        }

        /** The next place from {@code at} on that a signature may end at, {@code limit} where there is none. */
        private static int next(ByteBuffer bytes, int at, int limit) {
            // Two loops, each over one kind of memory: one over both is compiled now for the one, now for the other.
            return bytes.hasArray()
                    ? nextOnHeap(bytes.array(), bytes.arrayOffset(), at, limit)
                    : nextOutside(bytes, at, limit);
        }

        private static int nextOnHeap(byte[] bytes, int offset, int at, int limit) {
            var pairs = PAIRS;
            for (var i = at - STRIDE; i < limit - 1; i += STRIDE) {
                var pair = (bytes[offset + i] & 0xff) << 8 | bytes[offset + i + 1] & 0xff;
                if ((pairs[pair >>> 6] & 1L << pair) != 0) {
                    return Math.max(at, i + 1);
                }
            }
            return limit;
        }

        private static int nextOutside(ByteBuffer bytes, int at, int limit) {
            var pairs = PAIRS;
            for (var i = at - STRIDE; i < limit - 1; i += STRIDE) {
                var pair = (bytes.get(i) & 0xff) << 8 | bytes.get(i + 1) & 0xff;
                if ((pairs[pair >>> 6] & 1L << pair) != 0) {
                    return Math.max(at, i + 1);
                }
            }
            return limit;
        }

        private ArchiveSignature behind(ByteBuffer bytes, int position, int four, ArchiveSignature found) {
            // No two signatures overlap.
            window = 0;
            last = four;
            bytes.position(position);
            return found;
        }
    }
}
