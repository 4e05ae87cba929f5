package dev.portcullis.dataplane.firewall.scan.coding;

import java.nio.ByteBuffer;

/** Something packed that begins inside other bytes and is unpacked while these flow by. Not thread-safe. */
interface PackedFile {
    /**
     * Takes the bytes that follow its signature, or what it took before.
     *
     * @return false once it is over: at its end, or where it is not what it seemed
     * @throws CodingException by the wish of who takes what comes out, or where it is broken
     */
    boolean take(ByteBuffer bytes) throws CodingException;

    /** True while bytes that it took may come out later. */
    boolean reading();

    /** Releases what it holds. */
    void close();
}
