package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.GzipHeader;
import dev.portcullis.dataplane.firewall.scan.view.QuotedPrintable;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Undoes what parts of a multipart body and decoded runs may be in beside base64: gzip, zlib and quoted-printable. */
final class PartCodings {
    /** Text taken out of one gzip file at most, in bytes. */
    static final int MOST_TEXT = 64 * 1024;

    private static final int ZLIB_HEADER = 2;

    private PartCodings() {}

    /** Searches what is in the gzip file at {@code at} of {@code block}, as far as the block has it. */
    static void gunzip(Sweep sweep, Block block, int at, int length) {
        var header = new GzipHeader();
        var bytes = block.bytes();
        var i = at;
        while (i < length && !header.complete()) {
            header.next(bytes[i++]);
        }
        inflate(sweep, block, at, i, length, "gzip");
    }

    /** True where {@code in[0, length)} begins like a zlib stream (RFC 1950 section 2.2) of the window that everybody uses. */
    static boolean zlibIn(byte[] in, int length) {
        return length > ZLIB_HEADER
                && in[0] == 0x78
                && (in[1] & 0x20) == 0
                && ((in[0] & 0xff) << 8 | in[1] & 0xff) % 31 == 0;
    }

    /** Searches what is in the zlib stream that {@code block} begins with, as far as the block has it. */
    static void inflateZlib(Sweep sweep, Block block, int length) {
        inflate(sweep, block, 0, ZLIB_HEADER, length, "zlib");
    }

    private static void inflate(Sweep sweep, Block block, int at, int data, int length, String label) {
        var bytes = block.bytes();
        var inflater = new Inflater(true);
        try {
            inflater.setInput(bytes, data, length - data);
            var text = new byte[(int) Math.min(MOST_TEXT, 32L * (length - data) + 256)];
            var count = inflater.inflate(text);
            sweep.budget().pay(4L * count);
            sweep.search(block.decoded(at, length, label, text, count, false), 0, count);
        } catch (DataFormatException e) {
            // It only looked like one.
        } finally {
            inflater.end();
        }
    }

    /** Searches every gzip file that starts in {@code [from, to)}, and all of it as quoted-printable text. */
    static void search(Sweep sweep, Block block, int from, int to) {
        var bytes = block.bytes();
        for (var i = from; i < to; i++) {
            if (bytes[i] == 0x1f && GzipHeader.startsAt(bytes, i, block.length())) {
                gunzip(sweep, block, i, block.length());
            }
        }
        if (QuotedPrintable.in(bytes, from, block.length())) {
            sweep.budget().pay(2L * (block.length() - from));
            var text = new byte[block.length() - from];
            var count = QuotedPrintable.decode(bytes, from, block.length(), text);
            sweep.search(block.decoded(from, block.length(), "quoted-printable", text, count, false), 0, count);
        }
    }
}
