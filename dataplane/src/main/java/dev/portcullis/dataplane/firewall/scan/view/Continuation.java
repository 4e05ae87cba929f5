package dev.portcullis.dataplane.firewall.scan.view;

/**
 * Follows a token over what cuts it up in text of any syntax: quotes and operators of code, tags and comments, line
 * breaks, names of members, fields of server-sent events, heads of multipart parts.
 */
public final class Continuation {
    /** Bytes after which a token is followed no further. */
    public static final int LONGEST = 512;

    /** Longest piece in bytes: no rule looks further. What is longer is cut there and ends the token. */
    public static final int LONGEST_PIECE = 1024;

    /** Longest thing between two pieces. */
    private static final int GAP = 512;

    /** Bytes from the start of a piece on that {@link #next} looks at, at most. */
    public static final int FURTHEST = LONGEST_PIECE + GAP + 16;

    /** Pieces of a token at most. */
    public static final int PIECES = 64;

    private Continuation() {}

    /** Appends the piece at {@code start} to {@code out}. Returns where the next begins, {@code length} for none. */
    public static int next(byte[] in, int start, int length, Fragments out) {
        var i = start;
        var end = Math.min(length, start + LONGEST_PIECE);
        while (i < end && (token(in[i]) || joint(in, i, length))) {
            i++;
        }
        out.add(in, start, i);
        return i < end ? afterGap(in, i, length) : length;
    }

    /** A character that is part of some tokens and sits between two token characters here. */
    private static boolean joint(byte[] in, int i, int length) {
        var b = in[i];
        if (b != '.' && b != '+' && b != '/' && b != '=' && b != '~') {
            return false;
        }
        return i + 1 < length && token(in[i + 1]);
    }

    private static boolean token(byte b) {
        return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_' || b == '-';
    }

    /** Index of the next piece after the gap at {@code at}; {@code length} where there is none near. */
    private static int afterGap(byte[] in, int at, int length) {
        var limit = Math.min(length, at + GAP);
        var i = at;
        while (i < limit) {
            var b = in[i];
            if (b == '\n') {
                i = lineStart(in, i + 1, limit);
            } else if (b == '<') {
                i = afterTag(in, i, limit);
            } else if (b == '/' && i + 1 < limit && in[i + 1] == '*') {
                i = after(in, i + 2, limit, '*', '/');
            } else if (!token(b)) {
                i++;
            } else {
                var name = afterName(in, i, limit);
                if (name == i) {
                    return i;
                }
                i = name;
            }
        }
        return length;
    }

    /** Index after a field of an event stream that is no data, or after the head of a part of a multipart body. */
    private static int lineStart(byte[] in, int i, int limit) {
        if (starts(in, i, limit, "event:") || starts(in, i, limit, "id:") || starts(in, i, limit, "retry:")) {
            var end = i;
            while (end < limit && in[end] != '\n') {
                end++;
            }
            return end;
        }
        if (starts(in, i, limit, "--")) {
            for (var k = i; k < limit; k++) {
                if (in[k] == '\n' && (starts(in, k + 1, limit, "\r\n") || starts(in, k + 1, limit, "\n"))) {
                    return k + (in[k + 1] == '\r' ? 3 : 2);
                }
            }
        }
        return i;
    }

    private static int afterTag(byte[] in, int at, int limit) {
        if (starts(in, at, limit, "<![CDATA[")) {
            return at + 9;
        }
        if (starts(in, at, limit, "<!--")) {
            for (var i = at + 4; i + 2 < limit; i++) {
                if (in[i] == '-' && in[i + 1] == '-' && in[i + 2] == '>') {
                    return i + 3;
                }
            }
            return limit;
        }
        var i = at;
        while (i < limit && in[i] != '>') {
            i++;
        }
        return i + 1;
    }

    private static int after(byte[] in, int from, int limit, char first, char second) {
        for (var i = from; i + 1 < limit; i++) {
            if (in[i] == first && in[i + 1] == second) {
                return i + 2;
            }
        }
        return limit;
    }

    /** Index after the name of a member and its colon or equals sign, or {@code at} where there is no name. */
    private static int afterName(byte[] in, int at, int limit) {
        var i = at;
        while (i < limit && token(in[i])) {
            i++;
        }
        while (i < limit && (in[i] == '"' || in[i] == '\'' || in[i] == '\\' || in[i] == ' ')) {
            i++;
        }
        if (i >= limit || (in[i] != ':' && (in[i] != '=' || i + 1 >= limit || in[i + 1] == '='))) {
            return at;
        }
        return in[i] == ':' && in[i - 1] == '"' ? afterBareValue(in, i + 1, limit) : i + 1;
    }

    /** Index after a number, true, false or null, which is the value of a member and no piece of a token. */
    private static int afterBareValue(byte[] in, int at, int limit) {
        var i = at;
        while (i < limit && in[i] == ' ') {
            i++;
        }
        while (i < limit && (token(in[i]) || in[i] == '.')) {
            i++;
        }
        return i;
    }

    private static boolean starts(byte[] in, int at, int limit, String word) {
        if (at + word.length() > limit) {
            return false;
        }
        for (var i = 0; i < word.length(); i++) {
            if (in[at + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
