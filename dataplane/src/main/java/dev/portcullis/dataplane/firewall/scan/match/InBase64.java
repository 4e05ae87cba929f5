package dev.portcullis.dataplane.firewall.scan.match;

/**
 * Tells what only happens to stand in a long encoded text, such as an image in JSON, from a token: one image of a megabyte has
 * thousands of places where three letters between a plus and a slash are those that some vendor's tokens begin with.
 */
final class InBase64 {
    /** Refuses matches that touch a plus or a slash of such a text. */
    static final Check NOT =
            (text, start, end, length) -> !touches(text, start - 1, length) && !touches(text, end, length)
                    || !Noise.encoded(text, start, end, length);

    private InBase64() {}

    private static boolean touches(byte[] text, int at, int length) {
        return at >= 0 && at < length && (text[at] == '+' || text[at] == '/' || text[at] == '\\');
    }
}
