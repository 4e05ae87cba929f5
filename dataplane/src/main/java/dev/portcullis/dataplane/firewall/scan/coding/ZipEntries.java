package dev.portcullis.dataplane.firewall.scan.coding;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks the deflated entries of ZIP archives (PKWARE APPNOTE 6.3.10) wherever in the bytes they begin: behind the head of
 * a multipart part, behind the program of an archive that extracts itself, inside another archive that only stores it. The
 * directory at the end comes too late for a body that flows, so local headers are what is read, and of these only the
 * method and the lengths of name and extra field: deflated data says itself where it ends, so sizes that lie, or stand in
 * a data descriptor or a Zip64 field, change nothing. Names and stored entries are readable as they stand and need no
 * unpacking.
 *
 * <p>What it unpacks comes out as one text, a line end after each entry. While it looks for the next one, a line
 * end comes out for every {@value #SKIPPED_FOR_ONE} bytes, so that whoever scans the text need not wait for it to go on.
 *
 * <p>Archives that break off are no error: they may be one part of an upload in parts.
 */
final class ZipEntries implements ContentDecoder {
    private static final int SIGNATURE = 0x504b0304;
    private static final int HEADER = 26;
    private static final int ENCRYPTED = 1 | 1 << 6 | 1 << 13;

    /** Flags that APPNOTE 4.4.4 leaves unused. */
    private static final int RESERVED = 0xd780;

    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final int NEWEST_VERSION = 63;
    private static final int LAST_SYSTEM = 30;
    private static final int LONGEST_NAME = 4096;
    private static final int SKIPPED_FOR_ONE = 4;
    private static final byte[] LINE_ENDS = new byte[1024];

    static {
        Arrays.fill(LINE_ENDS, (byte) '\n');
    }

    private enum State {
        SEARCH,
        HEADER,
        NAME,
        DATA
    }

    private final Consumer<String> unreadable;
    private final byte[] header = new byte[HEADER];
    private State state = State.SEARCH;
    private int filled;
    private int name;
    private int window;
    private int skipped;
    private boolean begun;
    private boolean told;
    private @Nullable Inflater inflater;
    private byte @Nullable [] piece;

    /**
     * Nothing read yet.
     *
     * @param unreadable told, once, why an entry cannot be read: a sentence goes on with it after "an entry"
     */
    ZipEntries(Consumer<String> unreadable) {
        this.unreadable = unreadable;
    }

    /** True once there was an entry to unpack. */
    boolean begun() {
        return begun;
    }

    @Override
    public void decode(ByteBuffer coded, Sink sink) throws CodingException {
        while (coded.hasRemaining()) {
            switch (state) {
                case SEARCH -> {
                    var from = coded.position();
                    if (found(coded, coded.limit())) {
                        enterHeader();
                    }
                    if (begun) {
                        pad(coded.position() - from, sink);
                    }
                }
                case HEADER -> header(coded, sink);
                case NAME -> name(coded);
                case DATA -> inflate(coded, sink);
            }
        }
    }

    private void enterHeader() {
        state = State.HEADER;
        filled = 0;
    }

    /** Moves behind the next signature, or to {@code limit}. Four bytes are looked at as one where none of them can be in it. */
    private boolean found(ByteBuffer bytes, int limit) {
        var start = bytes.position();
        var seam = Math.min(limit, start + 3);
        for (var i = start; i < seam; i++) {
            window = window << 8 | bytes.get(i) & 0xff;
            if (window == SIGNATURE) {
                window = 0;
                bytes.position(i + 1);
                return true;
            }
        }
        var at = start + 3;
        while (at < limit) {
            switch (bytes.get(at)) {
                case 4 -> {
                    if (bytes.get(at - 1) == 3 && bytes.get(at - 2) == 'K' && bytes.get(at - 3) == 'P') {
                        window = 0;
                        bytes.position(at + 1);
                        return true;
                    }
                    at += 4;
                }
                case 3 -> at += 1;
                case 'K' -> at += 2;
                case 'P' -> at += 3;
                default -> at += 4;
            }
        }
        for (var i = Math.max(seam, limit - 3); i < limit; i++) {
            window = window << 8 | bytes.get(i) & 0xff;
        }
        bytes.position(limit);
        return false;
    }

    private void pad(int bytes, Sink sink) throws CodingException {
        skipped += bytes;
        for (var left = skipped / SKIPPED_FOR_ONE; left > 0; left -= LINE_ENDS.length) {
            sink.take(ByteBuffer.wrap(LINE_ENDS, 0, Math.min(left, LINE_ENDS.length)));
        }
        skipped %= SKIPPED_FOR_ONE;
    }

    private void header(ByteBuffer coded, Sink sink) throws CodingException {
        var take = Math.min(HEADER - filled, coded.remaining());
        coded.get(header, filled, take);
        filled += take;
        if (filled < HEADER) {
            return;
        }
        var flags = number(2);
        var method = number(4);
        if (plausible(flags, method)) {
            if ((flags & ENCRYPTED) != 0) {
                tell("is encrypted");
            } else if (method != STORED && method != DEFLATED) {
                tell("is packed by method " + method + ", not deflated or stored");
            }
        }
        if (method == DEFLATED && (flags & ENCRYPTED) == 0) {
            name = number(22) + number(24);
            begun = true;
            state = State.NAME;
            if (name == 0) {
                enterData();
            }
            return;
        }
        // Another may begin in what was taken for a header: its 26 bytes are too few for this to come here again.
        state = State.SEARCH;
        window = 0;
        decode(ByteBuffer.wrap(header.clone()), sink);
    }

    private int number(int at) {
        return header[at] & 0xff | (header[at + 1] & 0xff) << 8;
    }

    /** False for what stands behind the signature in programs and tables that only mention it. */
    private boolean plausible(int flags, int method) {
        var version = header[0] & 0xff;
        var length = number(22);
        return version > 0
                && version <= NEWEST_VERSION
                && header[1] >= 0
                && header[1] <= LAST_SYSTEM
                && (flags & RESERVED) == 0
                && (method <= 20 || method >= 93 && method <= 99)
                && length > 0
                && length <= LONGEST_NAME;
    }

    private void name(ByteBuffer coded) {
        var from = coded.position();
        var take = Math.min(name, coded.remaining());
        if (found(coded, from + take)) {
            tell("begins inside the name of another");
            enterHeader();
            return;
        }
        name -= take;
        if (name == 0) {
            enterData();
        }
    }

    private void enterData() {
        state = State.DATA;
        window = 0;
    }

    private void inflate(ByteBuffer coded, Sink sink) throws CodingException {
        var open = inflater;
        if (open == null) {
            open = new Inflater(true);
            inflater = open;
        }
        var out = piece;
        if (out == null) {
            out = new byte[PIECE];
            piece = out;
        }
        open.setInput(coded);
        try {
            int count;
            while ((count = open.inflate(out)) > 0) {
                sink.take(ByteBuffer.wrap(out, 0, count));
            }
        } catch (DataFormatException e) {
            tell("has broken data");
            enterSearch(open, sink);
            return;
        }
        if (open.finished()) {
            enterSearch(open, sink);
        }
    }

    private void enterSearch(Inflater open, Sink sink) throws CodingException {
        open.reset();
        state = State.SEARCH;
        window = 0;
        sink.take(ByteBuffer.wrap(LINE_ENDS, 0, 1));
    }

    private void tell(String why) {
        if (!told) {
            told = true;
            unreadable.accept(why);
        }
    }

    @Override
    public void end() {}

    @Override
    public void close() {
        if (inflater != null) {
            inflater.end();
        }
    }
}
