package dev.portcullis.dataplane.firewall.scan.coding;

import dev.portcullis.dataplane.firewall.scan.BodyScan;
import dev.portcullis.dataplane.firewall.scan.Finding;

/** What one direction does with bodies, compressed or not. */
public interface Bodies {
    /** Opens the scan of bytes as they are. */
    BodyScan plain();

    /** True where bytes that the head declares to be compressed are scanned as they are, too. */
    boolean scansCoded();

    /** Bytes that are scanned at most. */
    long limit();

    /** The finding for a body that names a coding nobody here can undo. */
    Finding unknownCoding();

    /**
     * The finding for a body that is not what it says, or decodes to too much.
     *
     * @param rule {@code malformed-coding} or {@code coding-ratio}
     * @param what part of a sentence about "it"
     */
    Finding brokenCoding(String rule, String what);

    /** True where archives and compressed files are unpacked, wherever in the body they begin. */
    default boolean unpacksArchives() {
        return false;
    }

    /**
     * The finding for a body with an archive or a compressed file that cannot be unpacked.
     *
     * @param what the rest of a sentence that begins with "because": which it is, and why
     */
    default Finding unreadableArchive(String what) {
        return brokenCoding("unreadable-archive", what);
    }
}
