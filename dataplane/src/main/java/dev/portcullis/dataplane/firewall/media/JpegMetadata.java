package dev.portcullis.dataplane.firewall.media;

import io.netty.buffer.ByteBuf;

/**
 * Takes out of a JPEG image (ITU-T T.81 annex B) what is not needed to show it: EXIF, XMP, IPTC, comments, thumbnails and
 * all other application segments, and what lies behind the image. The JFIF header, the ICC profile and Adobe's colour
 * transform stay; of the EXIF data the orientation does, alone, or pictures would lie on their side.
 */
final class JpegMetadata extends MetadataFilter {
    private static final int MARKER = 2;
    private static final int SEGMENT = 4;
    private static final int EXIF_LOOKED_AT = 512;
    private static final int JFIF = 18;

    private static final int SOI = 0xd8;
    private static final int EOI = 0xd9;
    private static final int SOS = 0xda;
    private static final int TEM = 0x01;
    private static final int RST0 = 0xd0;
    private static final int APP0 = 0xe0;
    private static final int APP1 = 0xe1;
    private static final int APP2 = 0xe2;
    private static final int APP14 = 0xee;
    private static final int APP15 = 0xef;
    private static final int COM = 0xfe;

    private boolean begun;
    private boolean framed;
    private boolean scanning;

    JpegMetadata() {
        super(MARKER);
    }

    /** Within a scan, its data go on to the next marker. */
    @Override
    int nextHead(ByteBuf bytes, int from, int to) {
        if (!scanning) {
            return from;
        }
        var at = bytes.indexOf(from, to, (byte) 0xff);
        return at < 0 ? to : at;
    }

    @Override
    Fate decide() throws MalformedMediaException {
        var marker = head[1] & 0xff;
        if ((head[0] & 0xff) != 0xff) {
            throw new MalformedMediaException("a marker is missing");
        }
        if (marker == 0xff) {
            return Fate.SHIFT;
        }
        if (!begun) {
            begun = marker == SOI;
            if (!begun) {
                throw new MalformedMediaException("it does not begin as an image");
            }
            return Fate.KEEP;
        }
        if (scanning && (marker == 0 || restart(marker))) {
            return Fate.KEEP;
        }
        scanning = false;
        if (marker == EOI) {
            last = true;
            need = MARKER;
            return Fate.KEEP;
        }
        if (marker == TEM || restart(marker)) {
            return Fate.KEEP;
        }
        if (marker == 0 || marker == SOI) {
            throw new MalformedMediaException("a marker is out of place");
        }
        return segment(marker);
    }

    private static boolean restart(int marker) {
        return marker >= RST0 && marker < SOI;
    }

    private Fate segment(int marker) throws MalformedMediaException {
        if (need < SEGMENT) {
            need = SEGMENT;
            return Fate.MORE;
        }
        var length = (head[2] & 0xff) << 8 | head[3] & 0xff;
        if (length < 2) {
            throw new MalformedMediaException("a segment is shorter than its own length");
        }
        var whole = length + 2;
        if (marker == SOS && !framed) {
            throw new MalformedMediaException("its data come before its header");
        }
        framed |= marker >= 0xc0 && marker < 0xd0 && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
        var wanted = Math.min(whole, lookedAt(marker));
        if (need < wanted) {
            need = wanted;
            return Fate.MORE;
        }
        var fate = fate(marker, whole);
        scanning = marker == SOS;
        run = whole - need;
        runFate = fate == Fate.KEEP ? Fate.KEEP : Fate.DROP;
        need = MARKER;
        return fate;
    }

    private static int lookedAt(int marker) {
        return switch (marker) {
            case APP0 -> JFIF;
            case APP1 -> SEGMENT + EXIF_LOOKED_AT;
            case APP2 -> SEGMENT + 12;
            case APP14 -> SEGMENT + 5;
            default -> SEGMENT;
        };
    }

    private Fate fate(int marker, int whole) {
        return switch (marker) {
            case APP0 -> whole >= JFIF && says(SEGMENT, "JFIF\0") ? jfif(whole) : Fate.DROP;
            case APP1 -> whole > SEGMENT + 6 && says(SEGMENT, "Exif\0\0") ? exif() : Fate.DROP;
            case APP2 -> whole >= SEGMENT + 12 && says(SEGMENT, "ICC_PROFILE\0") ? Fate.KEEP : Fate.DROP;
            case APP14 -> whole >= SEGMENT + 5 && says(SEGMENT, "Adobe") ? Fate.KEEP : Fate.DROP;
            case COM -> Fate.DROP;
            default -> marker > APP0 && marker <= APP15 ? Fate.DROP : Fate.KEEP;
        };
    }

    /** The JFIF header without its thumbnail (ITU-T T.871 section 10.1). */
    private Fate jfif(int whole) {
        if (whole == JFIF && head[16] == 0 && head[17] == 0) {
            return Fate.KEEP;
        }
        head[2] = 0;
        head[3] = JFIF - 2;
        head[16] = 0;
        head[17] = 0;
        changedLength = JFIF;
        return Fate.CHANGED;
    }

    private Fate exif() {
        var orientation = Orientation.of(head, SEGMENT + 6, need);
        if (orientation < 2) {
            return Fate.DROP;
        }
        var alone = Orientation.segment(orientation);
        System.arraycopy(alone, 0, head, 0, alone.length);
        changedLength = alone.length;
        return Fate.CHANGED;
    }
}
