package dev.portcullis.dataplane.firewall.scan.match;

import dev.portcullis.dataplane.firewall.scan.view.GzipHeader;
import dev.portcullis.dataplane.firewall.scan.view.QuotedPrintable;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Undoes what parts of a multipart body and decoded runs may be in beside base64: gzip and quoted-printable. */
final class PartCodings {
    /** Text taken out of one gzip file at most, in bytes. */
    static final int MOST_TEXT = 64 * 1024;

    private PartCodings() {}

    /** Searches what is in the gzip file at {@code at} of {@code block}, as far as the block has it. */
    static void gunzip(Sweep sweep, Block block, int at, int length) {
        var header = new GzipHeader();
        var bytes = block.bytes();
        var i = at;
        while (i < length && !header.complete()) {
            header.next(bytes[i++]);
        }
        var inflater = new Inflater(true);
        try {
            inflater.setInput(bytes, i, length - i);
            var text = new byte[(int) Math.min(MOST_TEXT, 32L * (length - i) + 256)];
            var count = inflater.inflate(text);
            sweep.budget().pay(4L * count);
            sweep.search(block.decoded(at, length, "gzip", text, count, false), 0, count);
        } catch (DataFormatException e) {
            // It only looked like a gzip file.
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
