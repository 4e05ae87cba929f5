package dev.portcullis.dataplane.firewall.media;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * First bytes that say what a body is: the patterns of the WHATWG MIME Sniffing Standard section 6 and of the formats'
 * own documents.
 *
 * @param bytes what they are, -1 for any
 * @param binaryOnly true where text could begin so, or they are too few to be believed of a body that says it is text
 */
record Signature(MediaKind kind, int[] bytes, boolean binaryOnly) {
    private static final List<Signature> ALL = List.of(
            of(MediaKind.PNG, "89504E470D0A1A0A"),
            of(MediaKind.JPEG, "FFD8FF"),
            of(MediaKind.GIF, "474946383761"),
            of(MediaKind.GIF, "474946383961"),
            of(MediaKind.WEBP, "52494646........57454250"),
            of(MediaKind.AUDIO, "52494646........57415645"),
            of(MediaKind.VIDEO, "52494646........41564920"),
            // ISO base media files (ISO/IEC 14496-12 section 4.3): their brand says what they hold.
            of(MediaKind.OTHER_IMAGE, "00......6674797061766966"),
            of(MediaKind.OTHER_IMAGE, "00......6674797061766973"),
            of(MediaKind.OTHER_IMAGE, "00......6674797068656963"),
            of(MediaKind.OTHER_IMAGE, "00......6674797068656978"),
            of(MediaKind.OTHER_IMAGE, "00......667479706D696631"),
            of(MediaKind.OTHER_IMAGE, "00......667479706D736631"),
            of(MediaKind.AUDIO, "00......667479704D344120"),
            of(MediaKind.AUDIO, "00......667479704D344220"),
            of(MediaKind.VIDEO, "00......66747970........"),
            of(MediaKind.OTHER_IMAGE, "0000000C6A502020"),
            of(MediaKind.OTHER_IMAGE, "0000000C4A584C20"),
            of(MediaKind.OTHER_IMAGE, "49492A00"),
            of(MediaKind.OTHER_IMAGE, "4D4D002A"),
            of(MediaKind.OTHER_IMAGE, "424D........00000000"),
            of(MediaKind.OTHER_IMAGE, "38425053"),
            of(MediaKind.AUDIO, "494433"),
            of(MediaKind.AUDIO, "664C6143"),
            of(MediaKind.AUDIO, "464F524D........41494646"),
            of(MediaKind.AUDIO, "464F524D........41494643"),
            of(MediaKind.AUDIO, "4D54686400000006"),
            of(MediaKind.AUDIO, "2321414D52"),
            of(MediaKind.AUDIO, "2E736E6400"),
            // Ogg (RFC 3533 section 6): the first packet of the first page names the codec.
            of(MediaKind.VIDEO, "4F67675300" + "..".repeat(23) + "807468656F7261"),
            of(MediaKind.AUDIO, "4F67675300" + "..".repeat(23) + ".............."),
            of(MediaKind.VIDEO, "1A45DFA3"),
            of(MediaKind.VIDEO, "464C5601"),
            of(MediaKind.VIDEO, "3026B2758E66CF11"),
            of(MediaKind.VIDEO, "000001BA"),
            of(MediaKind.VIDEO, "000001B3"),
            binary(MediaKind.OTHER_IMAGE, "00000100"),
            binary(MediaKind.OTHER_IMAGE, "FF0A"),
            binary(MediaKind.AUDIO, "FFFB"),
            binary(MediaKind.AUDIO, "FFFA"),
            binary(MediaKind.AUDIO, "FFF3"),
            binary(MediaKind.AUDIO, "FFF2"),
            binary(MediaKind.AUDIO, "FFF1"),
            binary(MediaKind.AUDIO, "FFF9"),
            binary(MediaKind.VIDEO, "47" + "..".repeat(187) + "47"));

    private static final byte[] SVG = {'<', 's', 'v', 'g'};

    /** Bytes in which the root of an SVG image is looked for. */
    private static final int SVG_WITHIN = 512;

    private static Signature of(MediaKind kind, String hex) {
        return new Signature(kind, parse(hex), false);
    }

    private static Signature binary(MediaKind kind, String hex) {
        return new Signature(kind, parse(hex), true);
    }

    private static int[] parse(String hex) {
        var bytes = new int[hex.length() / 2];
        for (var i = 0; i < bytes.length; i++) {
            var pair = hex.substring(2 * i, 2 * i + 2);
            bytes[i] = pair.equals("..") ? -1 : Integer.parseInt(pair, 16);
        }
        return bytes;
    }

    /**
     * What a body is.
     *
     * @param first its first bytes, from the reader index on
     * @param ended true where there are no more
     * @return null where more bytes are needed
     */
    static @Nullable MediaKind sniff(ByteBuf first, boolean ended, DeclaredType declared) {
        var undecided = false;
        for (var signature : ALL) {
            if (signature.binaryOnly && declared.text()) {
                continue;
            }
            var matched = signature.matched(first);
            if (matched == signature.bytes.length) {
                // One that comes before it in the table, and is longer, may match yet.
                return undecided && !ended ? null : signature.kind;
            }
            undecided |= matched >= 0;
        }
        if (undecided && !ended) {
            return null;
        }
        return declared.mayBeSvg() ? svg(first, ended) : MediaKind.NONE;
    }

    /** How many bytes match as far as they are there; -1 where one does not. */
    private int matched(ByteBuf first) {
        var there = Math.min(first.readableBytes(), bytes.length);
        var at = first.readerIndex();
        for (var i = 0; i < there; i++) {
            if (bytes[i] >= 0 && bytes[i] != (first.getByte(at + i) & 0xff)) {
                return -1;
            }
        }
        return there;
    }

    private static @Nullable MediaKind svg(ByteBuf first, boolean ended) {
        var begin = first.readerIndex();
        var end = begin + Math.min(first.readableBytes(), SVG_WITHIN);
        var at = begin;
        while (at < end && (first.getByte(at) <= ' ')) {
            // Spaces, and the bytes of a byte order mark, which are negative.
            at++;
        }
        if (at < end && first.getByte(at) != '<') {
            return MediaKind.NONE;
        }
        for (; at + SVG.length <= end; at++) {
            var i = 0;
            while (i < SVG.length && (first.getByte(at + i) | (i == 0 ? 0 : 0x20)) == SVG[i]) {
                i++;
            }
            if (i == SVG.length) {
                return MediaKind.SVG;
            }
        }
        return ended || end - begin == SVG_WITHIN ? MediaKind.NONE : null;
    }
}
