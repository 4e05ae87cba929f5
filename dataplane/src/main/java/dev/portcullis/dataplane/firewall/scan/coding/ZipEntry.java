package dev.portcullis.dataplane.firewall.scan.coding;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a ZIP archive (PKWARE APPNOTE 6.3.10) from its local header on. The directory at the end comes too late
 * for a body that flows, and what either of them says may be a lie that some programs believe and others do not. So of the
 * header only the lengths of name and extra field are believed, which is where all look for the data; and this is
 * inflated whatever the method is said to be. Deflated data says itself where it ends; what is none breaks off soon, and
 * can be read as it stands.
 */
final class ZipEntry implements PackedFile {
    private static final String ENTRY = "an entry of the ZIP archive in it ";
    private static final int HEADER = 26;
    private static final int ENCRYPTED = 1 | 1 << 6 | 1 << 13;

    /** Flags that APPNOTE 4.4.4 leaves unused. */
    private static final int RESERVED = 0xd780;

    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final int NEWEST_VERSION = 63;
    private static final int LAST_SYSTEM = 30;
    private static final int LONGEST_NAME = 4096;

    private final ContentDecoder.Sink text;
    private final Consumer<String> unreadable;
    private final boolean alone;
    private final byte[] header = new byte[HEADER];
    private int filled;
    private int name;
    private boolean deflated;
    private @Nullable Inflater inflater;
    private byte[] piece = new byte[0];

    /**
     * An entry.
     *
     * @param alone false where it begins inside another, whose data may only look like one here and there
     * @param unreadable told what cannot be read, and why
     */
    ZipEntry(ContentDecoder.Sink text, boolean alone, Consumer<String> unreadable) {
        this.text = text;
        this.alone = alone;
        this.unreadable = unreadable;
    }

    @Override
    public boolean take(ByteBuffer bytes) throws CodingException {
        if (filled < HEADER) {
            var take = Math.min(HEADER - filled, bytes.remaining());
            bytes.get(header, filled, take);
            filled += take;
            if (filled < HEADER) {
                return true;
            }
            header();
        }
        var skip = Math.min(name, bytes.remaining());
        bytes.position(bytes.position() + skip);
        name -= skip;
        return name > 0 || !bytes.hasRemaining() || inflate(bytes);
    }

    private void header() {
        var flags = number(header, 2);
        var method = number(header, 4);
        name = number(header, 22) + number(header, 24);
        if (plausible(header, 0, flags, method, number(header, 22))) {
            deflated = method == DEFLATED;
            tell(flags, method, unreadable);
        }
    }

    /** Tells of an entry that nobody here can unpack. */
    private static void tell(int flags, int method, Consumer<String> unreadable) {
        if ((flags & ENCRYPTED) != 0) {
            unreadable.accept(ENTRY + "is encrypted");
        } else if (method != STORED && method != DEFLATED) {
            unreadable.accept(ENTRY + "is packed by method " + method + ", not deflated or stored");
        }
    }

    private static int number(byte[] bytes, int at) {
        return bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8;
    }

    /** False for what stands behind the signature in programs and tables that only mention it. */
    private static boolean plausible(byte[] bytes, int at, int flags, int method, int name) {
        var version = bytes[at] & 0xff;
        return version > 0
                && version <= NEWEST_VERSION
                && bytes[at + 1] >= 0
                && bytes[at + 1] <= LAST_SYSTEM
                && (flags & RESERVED) == 0
                && (method <= 20 || method >= 93 && method <= 99)
                && name > 0
                && name <= LONGEST_NAME;
    }

    private boolean inflate(ByteBuffer bytes) throws CodingException {
        var open = inflater;
        if (open == null) {
            open = new Inflater(true);
            inflater = open;
            piece = new byte[ContentDecoder.PIECE];
        }
        open.setInput(bytes);
        var before = open.getBytesWritten();
        try {
            int count;
            while ((count = open.inflate(piece)) > 0) {
                before += count;
                text.take(ByteBuffer.wrap(piece, 0, count));
            }
        } catch (DataFormatException e) {
            // What stands before the break was written, though not returned: whoever receives it reads it too.
            text.take(ByteBuffer.wrap(piece, 0, (int) (open.getBytesWritten() - before)));
            if (deflated && alone) {
                unreadable.accept(ENTRY + "has broken data");
            }
            return false;
        }
        return !open.finished();
    }

    @Override
    public boolean reading() {
        return inflater != null;
    }

    @Override
    public void close() {
        if (inflater != null) {
            inflater.end();
        }
    }

    /**
     * An entry of the directory at the end: it may say of data that has passed, and seemed to be text, that it is encrypted or
     * packed in a way that nobody here can undo.
     */
    static final class InDirectory implements PackedFile {
        private static final int HEADER = 26;

        private final Consumer<String> unreadable;
        private final byte[] header = new byte[HEADER];
        private int filled;

        InDirectory(Consumer<String> unreadable) {
            this.unreadable = unreadable;
        }

        @Override
        public boolean take(ByteBuffer bytes) {
            var take = Math.min(HEADER - filled, bytes.remaining());
            bytes.get(header, filled, take);
            filled += take;
            if (filled < HEADER) {
                return true;
            }
            // Which version made it stands before what a local header begins with.
            var flags = number(header, 4);
            var method = number(header, 6);
            if (plausible(header, 2, flags, method, number(header, 24))) {
                tell(flags, method, unreadable);
            }
            return false;
        }

        @Override
        public boolean reading() {
            return false;
        }

        @Override
        public void close() {}
    }
}
