package dev.portcullis.dataplane.firewall.scan.coding;

import java.nio.ByteBuffer;

/** A gzip or Zstandard file. Where it breaks off or ends it is over, and nobody is told: what only begins like one is none. */
final class CompressedFile implements PackedFile {
    private final ContentDecoder decoder;
    private final ContentDecoder.Sink text;
    private final ArchiveSignature signature;
    private byte[] first;

    /**
     * A file.
     *
     * @param first its first bytes, which were taken for its signature
     */
    CompressedFile(ArchiveSignature signature, byte[] first, ContentDecoder.Sink text) throws CodingException {
        this.signature = signature;
        this.first = first;
        this.text = text;
        this.decoder = signature == ArchiveSignature.GZIP ? new GzipDecoder() : new ZstdDecoder();
    }

    @Override
    public boolean take(ByteBuffer bytes) throws CodingException {
        if (first.length > 0) {
            var begin = ByteBuffer.wrap(first);
            first = new byte[0];
            decoder.decode(begin, text);
        }
        decoder.decode(bytes, text);
        return true;
    }

    /** True where {@code other}, which just passed, begins the next member or frame of this file. */
    boolean goesOnWith(ArchiveSignature other) {
        return signature == other && (!(decoder instanceof GzipDecoder gzip) || gzip.hasRead(ArchiveSignature.LENGTH));
    }

    @Override
    public boolean reading() {
        return true;
    }

    @Override
    public void close() {
        decoder.close();
    }
}
