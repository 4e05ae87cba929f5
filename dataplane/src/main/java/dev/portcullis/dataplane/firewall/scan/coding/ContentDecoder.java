package dev.portcullis.dataplane.firewall.scan.coding;

import java.nio.ByteBuffer;

/**
 * Undoes one content coding of a body that comes in pieces of any size. Memory is bounded whatever the input. Not
 * thread-safe; to be closed, since some hold native memory.
 */
interface ContentDecoder extends AutoCloseable {
    /** Takes what was decoded. */
    @FunctionalInterface
    interface Sink {
        /**
         * The next decoded bytes, at most {@value ContentDecoder#PIECE} of them; they are gone after the call.
         *
         * @throws CodingException to stop decoding
         */
        void take(ByteBuffer decoded) throws CodingException;
    }

    /** Most bytes handed to a sink at a time, save where a library hands out larger pieces of its own. */
    int PIECE = 16 * 1024;

    /**
     * Decodes {@code coded} to its limit.
     *
     * @throws CodingException when it is not what the coding says, or by the sink's wish; nothing more may be decoded
     */
    void decode(ByteBuffer coded, Sink sink) throws CodingException;

    /**
     * Says that the body is over.
     *
     * @throws CodingException when it ends in the middle
     */
    void end() throws CodingException;

    @Override
    void close();
}
