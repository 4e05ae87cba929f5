package dev.portcullis.dataplane.firewall.scan.coding;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decodes gzip (RFC 1952), every member of it: what stands behind the first member is as much a part of the body as what
 * is in it, and a decoder that stopped there would let it pass unseen.
 */
final class GzipDecoder implements ContentDecoder {
    private static final int FLAG_HEADER_CRC = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;
    private static final int FLAGS_RESERVED = 0xe0;
    private static final int FIXED = 10;
    private static final int TRAILER = 8;

    private enum State {
        FIXED_HEADER,
        EXTRA_LENGTH,
        EXTRA,
        NAME,
        COMMENT,
        HEADER_CRC,
        DATA,
        TRAILER
    }

    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] piece = new byte[PIECE];
    private State state = State.FIXED_HEADER;
    private int flags;
    private int index;
    private int number;
    private long trailer;

    @Override
    public void decode(ByteBuffer coded, Sink sink) throws CodingException {
        while (coded.hasRemaining()) {
            if (state == State.DATA) {
                inflate(coded, sink);
            } else {
                header(coded.get() & 0xff);
            }
        }
    }

    /** True where the last thing it read were the first {@code count} bytes of a member. */
    boolean hasRead(int count) {
        return state == State.FIXED_HEADER && index == count;
    }

    private void header(int next) throws CodingException {
        switch (state) {
            case FIXED_HEADER -> fixed(next);
            case EXTRA_LENGTH -> {
                number |= next << 8 * index++;
                if (index == 2) {
                    enter(number == 0 ? State.NAME : State.EXTRA, number);
                }
            }
            case EXTRA -> {
                if (--number == 0) {
                    enter(State.NAME, 0);
                }
            }
            case NAME -> {
                if (next == 0) {
                    enter(State.COMMENT, 0);
                }
            }
            case COMMENT -> {
                if (next == 0) {
                    enter(State.HEADER_CRC, 0);
                }
            }
            case HEADER_CRC -> {
                if (++index == 2) {
                    enter(State.DATA, 0);
                }
            }
            case TRAILER -> trailer(next);
            case DATA -> throw new IllegalStateException("not a header");
        }
    }

    private void fixed(int next) throws CodingException {
        var sound =
                switch (index) {
                    case 0 -> next == 0x1f;
                    case 1 -> next == 0x8b;
                    case 2 -> next == 8;
                    case 3 -> (next & FLAGS_RESERVED) == 0;
                    default -> true;
                };
        if (!sound) {
            throw new CodingException("it does not begin as gzip does");
        }
        if (index == 3) {
            flags = next;
        }
        if (++index == FIXED) {
            enter(State.EXTRA_LENGTH, 0);
        }
    }

    /** Enters {@code next}, or what follows it where the flags say that it is not there. */
    private void enter(State next, int count) {
        var entered = next;
        if (entered == State.EXTRA_LENGTH && (flags & FLAG_EXTRA) == 0) {
            entered = State.NAME;
        }
        if (entered == State.NAME && (flags & FLAG_NAME) == 0) {
            entered = State.COMMENT;
        }
        if (entered == State.COMMENT && (flags & FLAG_COMMENT) == 0) {
            entered = State.HEADER_CRC;
        }
        if (entered == State.HEADER_CRC && (flags & FLAG_HEADER_CRC) == 0) {
            entered = State.DATA;
        }
        state = entered;
        index = 0;
        number = count;
    }

    private void inflate(ByteBuffer coded, Sink sink) throws CodingException {
        inflater.setInput(coded);
        var before = inflater.getBytesWritten();
        try {
            while (true) {
                var count = inflater.inflate(piece);
                if (count > 0) {
                    before += count;
                    crc.update(piece, 0, count);
                    sink.take(ByteBuffer.wrap(piece, 0, count));
                } else if (inflater.finished()) {
                    state = State.TRAILER;
                    index = 0;
                    trailer = 0;
                    return;
                } else if (inflater.needsDictionary()) {
                    throw new CodingException("it needs a dictionary");
                } else {
                    return;
                }
            }
        } catch (DataFormatException e) {
            // What stands before the break was written, though not returned: whoever receives it reads it too.
            sink.take(ByteBuffer.wrap(piece, 0, (int) (inflater.getBytesWritten() - before)));
            throw new CodingException("its deflate data is broken");
        }
    }

    private void trailer(int next) throws CodingException {
        trailer |= (long) next << 8 * index;
        if (++index < TRAILER) {
            return;
        }
        if ((trailer & 0xffff_ffffL) != crc.getValue()
                || trailer >>> 32 != (inflater.getBytesWritten() & 0xffff_ffffL)) {
            throw new CodingException("the gzip checksum or length does not match");
        }
        inflater.reset();
        crc.reset();
        state = State.FIXED_HEADER;
        index = 0;
    }

    @Override
    public void end() throws CodingException {
        if (state != State.FIXED_HEADER || index != 0) {
            throw new CodingException("it ends in the middle");
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}
