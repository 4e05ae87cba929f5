package dev.portcullis.dataplane.firewall.scan.match;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Rejects what stands right after a name that says it is something else: {@code /tx/}, {@code "blockHash": "}. */
final class NotAfter {
    /** Quotes, colons, slashes and spaces between the name and the match, at most. */
    private static final int GAP = 6;

    private static final ByteSet BETWEEN = ByteSet.of(" \t\"'\\\\:=/[");

    private NotAfter() {}

    /** A check that knows {@code names}, in lower case; a name may be the end of a longer one. */
    static Check names(List<String> names) {
        var words = names.stream()
                .map(name -> name.getBytes(StandardCharsets.US_ASCII))
                .toList();
        return (text, start, end, length) -> {
            var at = start;
            while (at > 0 && start - at < GAP && BETWEEN.has(text[at - 1])) {
                at--;
            }
            for (var word : words) {
                if (at < start && at >= word.length && LiteralIndex.standsAt(text, at - word.length, word)) {
                    return false;
                }
            }
            return true;
        };
    }
}
