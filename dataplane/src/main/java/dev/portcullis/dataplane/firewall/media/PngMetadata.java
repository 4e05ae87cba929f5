package dev.portcullis.dataplane.firewall.media;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Takes out of a PNG image (W3C PNG, third edition) every chunk that is not needed to show it: text, EXIF, time, private
 * ones. What says which colours and which frames are meant stays.
 */
final class PngMetadata extends MetadataFilter {
    private static final int SIGNATURE = 8;
    private static final int CHUNK = 8;
    private static final int CRC = 4;
    private static final int HEADER = 13;
    private static final Set<String> SHOWN = Set.of(
            "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "mDCV", "cLLI", "sBIT",
            "bKGD", "hIST", "pHYs", "sPLT", "acTL", "fcTL", "fdAT");

    private boolean signed;
    private boolean begun;

    PngMetadata() {
        super(SIGNATURE);
    }

    @Override
    Fate decide() throws MalformedMediaException {
        if (!signed) {
            signed = true;
            need = CHUNK;
            return Fate.KEEP;
        }
        var length = big(0);
        var type = new String(head, 4, 4, StandardCharsets.ISO_8859_1);
        if (length > Integer.MAX_VALUE) {
            throw new MalformedMediaException("a chunk says it is longer than a chunk may be");
        }
        for (var i = 0; i < 4; i++) {
            var letter = type.charAt(i) | 0x20;
            if (letter < 'a' || letter > 'z') {
                throw new MalformedMediaException("a chunk has no name");
            }
        }
        if (begun == type.equals("IHDR") || !begun && length != HEADER) {
            throw new MalformedMediaException("its header is missing, or is there twice");
        }
        begun = true;
        var shown = SHOWN.contains(type);
        var critical = (type.charAt(0) & 0x20) == 0;
        if (critical && !shown) {
            throw new MalformedMediaException("it needs a chunk that is not known");
        }
        last = type.equals("IEND");
        if (last && length > 0) {
            throw new MalformedMediaException("its end is not empty");
        }
        run = length + CRC;
        runFate = shown ? Fate.KEEP : Fate.DROP;
        return runFate;
    }
}
