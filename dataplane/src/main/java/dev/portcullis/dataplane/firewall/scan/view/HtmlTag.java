package dev.portcullis.dataplane.firewall.scan.view;

import java.util.HashMap;
import java.util.Map;

/**
 * Tags that a reader of a page does not see. Only tags of elements that HTML knows: what else stands between angle
 * brackets is text to a model. Pure.
 */
final class HtmlTag {
    /** Not a tag. */
    static final int NONE = -1;

    private static final int LONGEST = 4096;
    private static final int LONGEST_NAME = 8;

    private static final int INLINE = 1;
    private static final int PARTING = 0;

    /** Names of up to eight letters; {@link #INLINE} where the tag stands inside words. */
    private static final PackedNames KNOWN;

    static {
        var known = new HashMap<String, Integer>();
        add(
                known,
                INLINE,
                "b i u s a em strong span font small sub sup code mark wbr abbr cite q kbd var tt big ins del bdi bdo dfn");
        add(
                known,
                PARTING,
                "html head body title base link meta style script noscript template section nav article aside h1 h2 h3 h4 h5 h6 "
                        + "hgroup header footer address main p hr pre ol ul menu li dl dt dd figure figcapti div br img iframe embed "
                        + "object picture source video audio track map area table caption colgroup col tbody thead tfoot tr td th "
                        + "form label input button select datalist optgroup option textarea output progress meter fieldset legend "
                        + "details summary dialog slot canvas svg path g rect circle line polyline polygon text tspan defs use "
                        + "symbol center marquee frame frameset blockquo time data ruby rt rp samp search math");
        KNOWN = new PackedNames(known);
    }

    private HtmlTag() {}

    private static void add(Map<String, Integer> known, int kind, String names) {
        for (var name : names.split(" ")) {
            known.put(name, kind);
        }
    }

    /** The index after the tag at {@code at}, its complement where the tag stands inside words, or {@link #NONE}. */
    static int end(byte[] in, int at, int end) {
        var i = at + 1;
        if (i < end && in[i] == '/') {
            i++;
        }
        var name = 0L;
        var length = 0;
        while (i < end && (Escapes.letter(in[i]) || (length > 0 && in[i] >= '0' && in[i] <= '9'))) {
            if (length < LONGEST_NAME) {
                name = name << 8 | (in[i] | 0x20) & 0xff;
            }
            length++;
            i++;
        }
        if (length == 0 || i >= end || !ends(in[i])) {
            return NONE;
        }
        var kind = KNOWN.of(name);
        if (kind == PackedNames.NONE) {
            return NONE;
        }
        var limit = Math.min(end, at + LONGEST);
        while (i < limit && in[i] != '>' && in[i] != '<') {
            i++;
        }
        if (i >= limit || in[i] != '>') {
            return NONE;
        }
        return kind == INLINE ? ~(i + 1) : i + 1;
    }

    private static boolean ends(byte b) {
        return b == '>' || b == '/' || b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
