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

    /** True where ZIP archives are unpacked, wherever in the body they begin. */
    default boolean unpacksArchives() {
        return false;
    }

    /**
     * The finding for a body with a ZIP archive that cannot be unpacked.
     *
     * @param why part of a sentence about an entry of it
     */
    default Finding unreadableArchive(String why) {
        return brokenCoding("unreadable-archive", "an entry of the ZIP archive " + why);
    }
}
