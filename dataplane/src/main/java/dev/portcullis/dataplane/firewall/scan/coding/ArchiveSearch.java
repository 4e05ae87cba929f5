package dev.portcullis.dataplane.firewall.scan.coding;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks archives and compressed files wherever in the bytes they begin: behind the head of a multipart part, behind the program
 * of an archive that extracts itself, in base64, inside another archive. What begins inside another is unpacked beside
 * it, for the directory of an archive may point to either.
 *
 * <p>What a file unpacks to is a text. Texts are used again, a line end after each file. While nothing is written to one, a line end comes
 * out for every {@value #SKIPPED_FOR_ONE} bytes, up to {@value #FLUSH}, so that whoever scans the text need not wait for it to go on.
 *
 * <p>Archives that break off are no error: they may be one part of an upload in parts. Not thread-safe.
 */
final class ArchiveSearch implements AutoCloseable {
    /** Files that are unpacked side by side at most. */
    static final int MOST = 8;

    /** Of these, files in base64. */
    private static final int MOST_ENCODED = 2;

    private static final int SKIPPED_FOR_ONE = 4;

    /** More than any scan of a body holds back, 33 KiB. */
    private static final int FLUSH = 34 * 1024;

    private static final byte[] LINE_ENDS = new byte[1024];

    static {
        Arrays.fill(LINE_ENDS, (byte) '\n');
    }

    /** What is done with what is found. */
    interface Outcome {
        /** Where another text goes, or null where there can be no more. */
        @Nullable
        CodedDepth open();

        /** Something cannot be unpacked: what it is, and why. */
        void unreadable(String what);

        /** True where unpacking must end, since too much came out. */
        boolean flooded();
    }

    private final Outcome outcome;
    private final ArchiveSignature.Search search = new ArchiveSignature.Search();
    private final List<Open> files = new ArrayList<>(2);
    private final List<Text> texts = new ArrayList<>(1);

    private record Open(PackedFile file, Text text) {}

    ArchiveSearch(Outcome outcome) {
        this.outcome = outcome;
    }

    /** One that files write to in turn; the scan it goes to is opened when there is something to scan. */
    private final class Text implements ContentDecoder.Sink {
        private @Nullable CodedDepth depth;
        private boolean taken;
        private int skipped;
        private int flushed = FLUSH;

        @Override
        public void take(ByteBuffer decoded) throws CodingException {
            if (!decoded.hasRemaining()) {
                return;
            }
            var open = depth;
            if (open == null) {
                open = outcome.open();
                if (open == null) {
                    throw new CodingException("too many files are packed into each other");
                }
                depth = open;
            }
            flushed = 0;
            open.take(decoded);
        }

        /** Goes on a little with line ends, since {@code bytes} bytes passed that have nothing to do with it. */
        void pad(int bytes) throws CodingException {
            var open = depth;
            if (open == null || flushed >= FLUSH) {
                return;
            }
            skipped += bytes;
            for (var left = skipped / SKIPPED_FOR_ONE; left > 0 && flushed < FLUSH; left -= LINE_ENDS.length) {
                var count = Math.min(left, LINE_ENDS.length);
                flushed += count;
                open.pad(ByteBuffer.wrap(LINE_ENDS, 0, count));
            }
            skipped %= SKIPPED_FOR_ONE;
        }

        void release() throws CodingException {
            taken = false;
            if (depth != null && flushed == 0) {
                flushed = 1;
                depth.pad(ByteBuffer.wrap(LINE_ENDS, 0, 1));
            }
        }
    }

    /** True while bytes that passed may come out later, or what came out may wait for more. */
    boolean reading() {
        for (var text : texts) {
            if (text.flushed < FLUSH) {
                return true;
            }
        }
        for (var open : files) {
            if (open.file().reading()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Takes the next bytes.
     *
     * @throws CodingException when unpacking must end
     */
    void take(ByteBuffer bytes) throws CodingException {
        while (bytes.hasRemaining()) {
            var from = bytes.position();
            var signature = search.next(bytes);
            if (!files.isEmpty()) {
                pass(bytes.duplicate().position(from).limit(bytes.position()));
            }
            for (var text : texts) {
                if (!text.taken) {
                    text.pad(bytes.position() - from);
                }
            }
            if (signature != null) {
                begin(signature);
            }
        }
    }

    /**
     * Ends what is open, since what follows has nothing to do with it: the text that it stood in is over.
     *
     * @param bytes for which texts go on a little
     */
    void pad(int bytes) throws CodingException {
        for (var open : files) {
            open.file().close();
            open.text().release();
        }
        files.clear();
        for (var text : texts) {
            text.pad(bytes);
        }
    }

    private void pass(ByteBuffer bytes) throws CodingException {
        for (var i = 0; i < files.size(); i++) {
            var open = files.get(i);
            if (!pass(open.file(), bytes.duplicate())) {
                open.file().close();
                open.text().release();
                files.remove(i--);
            }
        }
    }

    private boolean pass(PackedFile file, ByteBuffer bytes) throws CodingException {
        try {
            return file.take(bytes);
        } catch (CodingException e) {
            if (outcome.flooded()) {
                throw e;
            }
            return false;
        }
    }

    private void begin(ArchiveSignature signature) throws CodingException {
        var encoded = 0;
        for (var open : files) {
            if (open.file() instanceof CompressedFile file && file.goesOnWith(signature)) {
                return;
            }
            encoded += open.file() instanceof Base64File ? 1 : 0;
        }
        if (signature == ArchiveSignature.BASE64 && encoded == MOST_ENCODED) {
            return;
        }
        if (files.size() == MOST) {
            outcome.unreadable("more than " + MOST + " archives begin inside each other in it");
            return;
        }
        var alone = files.isEmpty();
        var text = text();
        Consumer<String> unreadable = outcome::unreadable;
        PackedFile file =
                switch (signature) {
                    case ZIP_ENTRY -> new ZipEntry(text, alone, unreadable);
                    case ZIP_DIRECTORY -> new ZipEntry.InDirectory(unreadable);
                    case GZIP, ZSTD -> new CompressedFile(signature, search.last(), text);
                    case BASE64 -> new Base64File(search.last(), text);
                    case SEVEN_ZIP, XZ, RAR, BZIP2, LZ4 -> new UnreadableFile(signature, unreadable);
                };
        text.taken = true;
        files.add(new Open(file, text));
    }

    private Text text() {
        for (var text : texts) {
            if (!text.taken) {
                return text;
            }
        }
        var text = new Text();
        texts.add(text);
        return text;
    }

    @Override
    public void close() {
        files.forEach(open -> open.file().close());
        files.clear();
    }
}
