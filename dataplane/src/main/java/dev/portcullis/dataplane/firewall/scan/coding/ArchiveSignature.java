package dev.portcullis.dataplane.firewall.scan.coding;

import java.nio.ByteBuffer;
import java.util.Arrays;
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

    /** How far the next place that a signature may end at is from one that ends in this byte: 0 where it may itself. */
    private static final byte[] SKIP = new byte[256];

    static {
        Arrays.fill(SKIP, (byte) LENGTH);
        for (var bytes : new int[] {
            ZIP_ENTRY_BYTES, ZIP_DIRECTORY_BYTES, ZSTD_BYTES, LZ4_BYTES, SEVEN_ZIP_BYTES, XZ_BYTES, RAR_BYTES
        }) {
            skips(bytes);
        }
        for (var bytes : ENCODED) {
            skips(bytes);
        }
        for (var flags = 0; flags <= ~GZIP_MASK; flags++) {
            skips(GZIP_BYTES | flags);
        }
        for (var level = 1; level <= 9; level++) {
            skips(BZIP2_BYTES | level);
        }
    }

    private static int four(String ascii) {
        return ascii.charAt(0) << 24 | ascii.charAt(1) << 16 | ascii.charAt(2) << 8 | ascii.charAt(3);
    }

    private static void skips(int bytes) {
        for (var skip = 0; skip < LENGTH; skip++) {
            var at = bytes >>> 8 * skip & 0xff;
            SKIP[at] = (byte) Math.min(SKIP[at], skip);
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

        /** The next place from {@code at} on that a signature may end at, {@code limit} or more where there is none. */
        private static int next(ByteBuffer bytes, int at, int limit) {
            while (at < limit) {
                var skip = SKIP[bytes.get(at) & 0xff];
                if (skip == 0) {
                    return at;
                }
                at += skip;
            }
            return at;
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
