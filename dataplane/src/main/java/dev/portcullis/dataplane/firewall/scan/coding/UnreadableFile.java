package dev.portcullis.dataplane.firewall.scan.coding;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * A file of a format that is recognised and not unpacked. What stands behind the signature tells a file from a text or program that
 * mentions the format: checksums where there are some.
 */
final class UnreadableFile implements PackedFile {
    private static final int SEVEN_ZIP_HEADER = 26;
    private static final int XZ_HEADER = 7;
    private static final int RAR_HEADER = 10;
    private static final int BZIP2_HEADER = 6;
    private static final int LZ4_HEADER = 2;

    private final ArchiveSignature signature;
    private final Consumer<String> unreadable;
    private final byte[] header;
    private int filled;

    /**
     * A file.
     *
     * @param unreadable told what cannot be read, and why
     */
    UnreadableFile(ArchiveSignature signature, Consumer<String> unreadable) {
        this.signature = signature;
        this.unreadable = unreadable;
        this.header = new byte
                [switch (signature) {
                    case SEVEN_ZIP -> SEVEN_ZIP_HEADER;
                    case XZ -> XZ_HEADER;
                    case RAR -> RAR_HEADER;
                    case BZIP2 -> BZIP2_HEADER;
                    default -> LZ4_HEADER;
                }];
    }

    @Override
    public boolean take(ByteBuffer bytes) {
        var take = Math.min(header.length - filled, bytes.remaining());
        bytes.get(header, filled, take);
        filled += take;
        if (filled < header.length) {
            return true;
        }
        if (real()) {
            unreadable.accept("the " + name() + " in it is of a format that cannot be unpacked here");
        }
        return false;
    }

    private String name() {
        return switch (signature) {
            case SEVEN_ZIP -> "7z archive";
            case XZ -> "xz file";
            case RAR -> "RAR archive";
            case BZIP2 -> "bzip2 file";
            default -> "LZ4 file";
        };
    }

    private boolean real() {
        return switch (signature) {
            // Version, checksum of the start header, start header.
            case SEVEN_ZIP -> header[0] == 0 && checksum(6, 26) == number(2);
            // The signature's last byte, stream flags, their checksum.
            case XZ -> header[0] == 0 && checksum(1, 3) == number(3);
            case RAR -> header[0] == 0x1a && header[1] == 7 && (rar5() || header[2] == 0 && header[5] == 0x73);
            // The digits of pi that begin a block.
            case BZIP2 ->
                header[0] == 0x31
                        && header[1] == 0x41
                        && header[2] == 0x59
                        && header[3] == 0x26
                        && header[4] == 0x53
                        && header[5] == 0x59;
            // Version 01, no reserved bit, a size of blocks that there is.
            default -> (header[0] & 0xc2) == 0x40 && (header[1] & 0x8f) == 0 && (header[1] & 0x70) >= 0x40;
        };
    }

    /** Version 5: a checksum, the header's size, and its type, which is of the main or the encryption header. */
    private boolean rar5() {
        return header[2] == 1 && header[3] == 0 && header[8] > 0 && (header[9] == 1 || header[9] == 4);
    }

    private int checksum(int from, int to) {
        var crc = new CRC32();
        crc.update(header, from, to - from);
        return (int) crc.getValue();
    }

    private int number(int at) {
        return Integer.reverseBytes(ByteBuffer.wrap(header).getInt(at));
    }

    @Override
    public boolean reading() {
        return false;
    }

    @Override
    public void close() {}
}
