package dev.portcullis.dataplane.firewall.http;

import java.util.Locale;
import java.util.Map;

/**
 * The readable part of an HTML page: its title, and its text without markup, scripts, styles and comments. One pass, linear
 * in the page's length; unclosed markup swallows what follows it rather than showing it.
 */
record PageText(String title, String text) {
    private static final Map<String, String> ENTITIES = Map.of(
            "amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'", "nbsp", " ", "mdash", "\u2014", "ndash",
            "\u2013", "hellip", "\u2026");
    private static final int LONGEST_ENTITY = 10;

    /** Reads {@code html}. */
    static PageText of(String html) {
        var text = new StringBuilder(html.length() / 2);
        var title = new StringBuilder();
        var lower = html.toLowerCase(Locale.ROOT);
        if (lower.length() != html.length()) {
            // A few letters change length with their case; positions must agree.
            lower = html;
        }
        var inTitle = false;
        var i = 0;
        while (i < html.length()) {
            var c = html.charAt(i);
            if (c != '<') {
                var end = c == '&' ? entity(html, i, inTitle ? title : text) : -1;
                if (end < 0) {
                    append(inTitle ? title : text, c);
                    end = i + 1;
                }
                i = end;
                continue;
            }
            if (lower.startsWith("<!--", i)) {
                i = after(lower, "-->", i);
                continue;
            }
            var name = tagName(lower, i);
            i = after(lower, ">", i);
            switch (name) {
                case "script", "style", "noscript", "template" -> i = after(lower, ">", after(lower, "</" + name, i));
                case "title" -> inTitle = title.isEmpty();
                case "/title" -> inTitle = false;
                case "p",
                        "/p",
                        "br",
                        "div",
                        "/div",
                        "li",
                        "tr",
                        "/table",
                        "h1",
                        "h2",
                        "h3",
                        "h4",
                        "h5",
                        "h6",
                        "/h1",
                        "/h2",
                        "/h3",
                        "/h4",
                        "/h5",
                        "/h6",
                        "section",
                        "article",
                        "pre",
                        "/pre" -> line(text);
                default -> append(text, ' ');
            }
        }
        return new PageText(title.toString().trim(), text.toString().trim());
    }

    private static int after(String html, String mark, int from) {
        var at = html.indexOf(mark, from);
        return at < 0 ? html.length() : at + mark.length();
    }

    private static String tagName(String lower, int open) {
        var end = open + 1;
        while (end < lower.length() && end - open < 16) {
            var c = lower.charAt(end);
            if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '/' && end == open + 1)) {
                break;
            }
            end++;
        }
        return lower.substring(open + 1, end);
    }

    /** Appends the character that an entity at {@code at} stands for; returns where it ends, or -1 where it is none. */
    private static int entity(String html, int at, StringBuilder out) {
        var most = Math.min(html.length() - 1, at + LONGEST_ENTITY);
        var end = at + 1;
        while (end <= most && html.charAt(end) != ';') {
            end++;
        }
        if (end > most) {
            return -1;
        }
        var name = html.substring(at + 1, end);
        var known = ENTITIES.get(name);
        if (known != null) {
            out.append(known);
            return end + 1;
        }
        if (!name.startsWith("#")) {
            return -1;
        }
        try {
            var hex = name.startsWith("#x") || name.startsWith("#X");
            var code = Integer.parseInt(name.substring(hex ? 2 : 1), hex ? 16 : 10);
            if (!Character.isValidCodePoint(code)) {
                return -1;
            }
            out.appendCodePoint(code);
            return end + 1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static void append(StringBuilder out, char c) {
        if (!Character.isWhitespace(c)) {
            out.append(c);
        } else if (!out.isEmpty() && !Character.isWhitespace(out.charAt(out.length() - 1))) {
            out.append(' ');
        }
    }

    private static void line(StringBuilder out) {
        while (!out.isEmpty() && out.charAt(out.length() - 1) == ' ') {
            out.setLength(out.length() - 1);
        }
        if (!out.isEmpty() && out.charAt(out.length() - 1) != '\n') {
            out.append('\n');
        }
    }
}
