package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.match.Rule;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Classes of what names people and machines, and is no credential: found by walks, linear in the text. */
enum PersonalData implements Rule.Walk {
    EMAIL {
        @Override
        public void walk(byte[] text, int from, int to, int length, Rule.Found found) {
            var end = Math.min(length, to + LOCAL);
            var behind = from;
            for (var at = from; at < end; at++) {
                if (text[at] != '@') {
                    continue;
                }
                var start = at;
                while (start > Math.max(0, at - LOCAL) && local(text[start - 1])) {
                    start--;
                }
                start = behindEscape(text, start, at);
                while (start < at && text[start] == '.') {
                    start++;
                }
                found.pay(at - start);
                var stop = domain(text, at + 1, length);
                if (start < at && stop > 0 && start >= behind && start < to) {
                    found.at(start, stop);
                    behind = stop;
                }
            }
        }
    },
    IPV4 {
        @Override
        public void walk(byte[] text, int from, int to, int length, Rule.Found found) {
            for (var at = from; at < to; at++) {
                var end = digit(text[at]) ? address4(text, at, length) : 0;
                if (end > 0) {
                    found.at(at, end);
                    at = end - 1;
                }
            }
        }
    },
    IPV6 {
        @Override
        public void walk(byte[] text, int from, int to, int length, Rule.Found found) {
            for (var at = from; at < to; at++) {
                var end = hex(text[at]) || text[at] == ':' ? address6(text, at, length, found) : 0;
                if (end > 0) {
                    found.at(at, end);
                    at = end - 1;
                }
            }
        }
    },
    CIDR {
        @Override
        public void walk(byte[] text, int from, int to, int length, Rule.Found found) {
            for (var at = from; at < to; at++) {
                var four = digit(text[at]) ? address4(text, at, length) : 0;
                var six = four == 0 && (hex(text[at]) || text[at] == ':') ? address6(text, at, length, found) : 0;
                var end = prefix(text, Math.max(four, six), length, four > 0 ? 32 : 128);
                if (end > 0) {
                    found.at(at, end);
                    at = end - 1;
                }
            }
        }
    },
    MAC {
        @Override
        public void walk(byte[] text, int from, int to, int length, Rule.Found found) {
            for (var at = from; at + MAC_LENGTH <= length && at < to; at++) {
                if (hex(text[at]) && mac(text, at, length)) {
                    found.at(at, at + MAC_LENGTH);
                    at += MAC_LENGTH - 1;
                }
            }
        }
    },
    HASH_MD5 {
        @Override
        public void walk(byte[] text, int from, int to, int length, Rule.Found found) {
            digests(text, from, to, length, found, 32);
        }
    },
    HASH_SHA1 {
        @Override
        public void walk(byte[] text, int from, int to, int length, Rule.Found found) {
            digests(text, from, to, length, found, 40);
        }
    },
    HASH_SHA256 {
        @Override
        public void walk(byte[] text, int from, int to, int length, Rule.Found found) {
            digests(text, from, to, length, found, 64);
        }
    },
    HASH_SHA512 {
        @Override
        public void walk(byte[] text, int from, int to, int length, Rule.Found found) {
            digests(text, from, to, length, found, 128);
        }
    };

    /** Longest local part of a mail address (RFC 5321 section 4.5.3.1.1). */
    private static final int LOCAL = 64;

    private static final int LABEL = 63;
    private static final int DOMAIN = 253;
    private static final int MAC_LENGTH = 17;
    private static final int LONGEST_ADDRESS = 45;

    /** As policies and placeholders name it. */
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The class of that name, or null. */
    static @Nullable PersonalData named(String name) {
        for (var one : values()) {
            if (one.title().equals(name)) {
                return one;
            }
        }
        return null;
    }

    /** The rule that finds it. */
    Rule rule() {
        return new Rule(title(), Severity.medium, false, List.of(), false, this, "");
    }

    private static boolean digit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean hex(byte b) {
        return digit(b) || (b | 0x20) >= 'a' && (b | 0x20) <= 'f';
    }

    private static boolean word(byte b) {
        return digit(b) || (b | 0x20) >= 'a' && (b | 0x20) <= 'z' || b == '_';
    }

    private static boolean local(byte b) {
        return word(b) || b == '.' || b == '+' || b == '-' || b == '%' || b == '\'' || b == '=' || b == '~' || b < 0;
    }

    /** {@code start}, or where an escape that its first letters are a part of ends; what escapes stand for is read by itself. */
    private static int behindEscape(byte[] text, int start, int at) {
        if (start == 0 || start == at || text[start - 1] != '\\') {
            return start;
        }
        return switch (text[start]) {
            case 'n', 'r', 't', 'b', 'f' -> start + 1;
            case 'u' -> Math.min(at, start + 5);
            default -> start;
        };
    }

    /** The end of the host name at {@code at} that has at least two labels, the last of letters; 0 for none. */
    private static int domain(byte[] text, int at, int length) {
        var end = 0;
        var label = at;
        var labels = 0;
        for (var i = at; i <= length && i - at <= DOMAIN; i++) {
            var b = i < length ? text[i] : (byte) ' ';
            if (word(b) && b != '_' || b == '-' && i > label || b < 0) {
                continue;
            }
            if (i == label || i - label > LABEL || text[i - 1] == '-') {
                break;
            }
            labels++;
            if (labels > 1 && i - label > 1 && letters(text, label, i)) {
                end = i;
            }
            if (b != '.') {
                break;
            }
            label = i + 1;
        }
        return end;
    }

    private static boolean letters(byte[] text, int from, int to) {
        if (text[from] == 'x' && to - from > 4 && text[from + 2] == '-') {
            return true;
        }
        for (var i = from; i < to; i++) {
            if (digit(text[i]) || text[i] == '-') {
                return false;
            }
        }
        return true;
    }

    /** The end of the address in dotted form that begins at {@code at}; 0 for none. */
    private static int address4(byte[] text, int at, int length) {
        if (at > 0 && (word(text[at - 1]) || text[at - 1] == '.')) {
            return 0;
        }
        var i = at;
        for (var part = 0; part < 4; part++) {
            if (part > 0 && (i >= length || text[i++] != '.')) {
                return 0;
            }
            var value = 0;
            var first = i;
            while (i < length && digit(text[i]) && i - first < 3) {
                value = 10 * value + text[i++] - '0';
            }
            if (i == first || value > 255) {
                return 0;
            }
        }
        var more = i < length && (word(text[i]) || text[i] == '.' && i + 1 < length && digit(text[i + 1]));
        return more ? 0 : i;
    }

    private static int address6(byte[] text, int at, int length, Rule.Found found) {
        if (at > 0 && (word(text[at - 1]) || text[at - 1] == ':' || text[at - 1] == '.')) {
            return 0;
        }
        var end = at;
        var colons = 0;
        var digits = 0;
        while (end < length
                && end - at <= LONGEST_ADDRESS
                && (hex(text[end]) || text[end] == ':' || text[end] == '.')) {
            colons += text[end] == ':' ? 1 : 0;
            digits += hex(text[end]) ? 1 : 0;
            end++;
        }
        if (colons < 2 || digits < 3 || end < length && word(text[end])) {
            return 0;
        }
        found.pay(end - at);
        if (text[end - 1] == '.' || text[end - 1] == ':' && text[end - 2] != ':') {
            end--;
        }
        return NetUtil.isValidIpV6Address(new String(text, at, end - at, StandardCharsets.ISO_8859_1)) ? end : 0;
    }

    private static int prefix(byte[] text, int at, int length, int most) {
        if (at == 0 || at >= length || text[at] != '/') {
            return 0;
        }
        var value = 0;
        var i = at + 1;
        while (i < length && digit(text[i]) && i - at <= 3) {
            value = 10 * value + text[i++] - '0';
        }
        return i == at + 1 || value > most || i < length && word(text[i]) ? 0 : i;
    }

    private static boolean mac(byte[] text, int at, int length) {
        var separator = text[at + 2];
        if (separator != ':' && separator != '-') {
            return false;
        }
        if (at > 0 && (word(text[at - 1]) || text[at - 1] == separator)) {
            return false;
        }
        for (var i = 0; i < MAC_LENGTH; i++) {
            if (i % 3 == 2 ? text[at + i] != separator : !hex(text[at + i])) {
                return false;
            }
        }
        var next = at + MAC_LENGTH < length ? text[at + MAC_LENGTH] : (byte) ' ';
        return !word(next) && next != separator;
    }

    private static void digests(byte[] text, int from, int to, int length, Rule.Found found, int digits) {
        for (var at = from; at < to; at++) {
            if (!hex(text[at]) || at > 0 && (word(text[at - 1]) || text[at - 1] == '-')) {
                continue;
            }
            var end = at;
            while (end < length && end - at <= digits && hex(text[end])) {
                end++;
            }
            if (end - at == digits && (end == length || !word(text[end]) && text[end] != '-')) {
                found.at(at, end);
            }
            at = end - 1;
        }
    }
}
