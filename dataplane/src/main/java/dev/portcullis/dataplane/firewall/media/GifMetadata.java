package dev.portcullis.dataplane.firewall.media;

/**
 * Takes comments and application data, XMP among them, out of a GIF image (GIF89a specification), and what lies behind
 * its trailer. How often an animation repeats stays.
 */
final class GifMetadata extends MetadataFilter {
    private static final int HEADER = 13;
    private static final int DESCRIPTOR = 10;
    private static final int APPLICATION = 14;
    private static final int PLAIN_TEXT = 0x01;
    private static final int CONTROL = 0xf9;

    private enum At {
        HEADER,
        BLOCK,
        CODE_SIZE,
        SUB_BLOCK
    }

    private At at = At.HEADER;
    private Fate blockFate = Fate.KEEP;

    GifMetadata() {
        super(HEADER);
    }

    @Override
    Fate decide() throws MalformedMediaException {
        return switch (at) {
            case HEADER -> {
                next(At.BLOCK, colours(head[10]), Fate.KEEP);
                yield Fate.KEEP;
            }
            case BLOCK -> block();
            case CODE_SIZE -> {
                next(At.SUB_BLOCK, 0, Fate.KEEP);
                yield Fate.KEEP;
            }
            case SUB_BLOCK -> {
                var length = head[0] & 0xff;
                next(length == 0 ? At.BLOCK : At.SUB_BLOCK, length, blockFate);
                yield runFate;
            }
        };
    }

    private void next(At where, long length, Fate fate) {
        at = where;
        run = length;
        runFate = fate;
        blockFate = fate;
        need = 1;
    }

    private static int colours(byte flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
    }

    private Fate block() throws MalformedMediaException {
        return switch (head[0]) {
            case ',' -> {
                if (need < DESCRIPTOR) {
                    need = DESCRIPTOR;
                    yield Fate.MORE;
                }
                next(At.CODE_SIZE, colours(head[9]), Fate.KEEP);
                yield Fate.KEEP;
            }
            case '!' -> extension();
            case ';' -> {
                last = true;
                yield Fate.KEEP;
            }
            case 0 -> Fate.DROP;
            default -> throw new MalformedMediaException("a block is of no kind that is known");
        };
    }

    private Fate extension() {
        if (need < 3) {
            need = 3;
            return Fate.MORE;
        }
        var label = head[1] & 0xff;
        var size = head[2] & 0xff;
        var fate = label == CONTROL || label == PLAIN_TEXT ? Fate.KEEP : Fate.DROP;
        var taken = 3;
        if (label == 0xff && size == 11) {
            if (need < APPLICATION) {
                need = APPLICATION;
                return Fate.MORE;
            }
            taken = APPLICATION;
            fate = says(3, "NETSCAPE2.0") || says(3, "ANIMEXTS1.0") ? Fate.KEEP : Fate.DROP;
        }
        next(size == 0 ? At.BLOCK : At.SUB_BLOCK, size + 3L - taken, fate);
        return fate;
    }
}
