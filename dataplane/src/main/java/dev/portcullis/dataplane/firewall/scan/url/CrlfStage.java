package dev.portcullis.dataplane.firewall.scan.url;

import dev.portcullis.crd.v1alpha1.AgentPolicySpec.Severity;
import dev.portcullis.dataplane.firewall.scan.Finding;
import dev.portcullis.dataplane.firewall.scan.ScannerName;
import org.jspecify.annotations.Nullable;

/** Refuses line breaks in a URL, raw or percent-encoded any number of times: they would split the request's header. */
final class CrlfStage {
    @Nullable
    Finding judge(String url) {
        for (var i = 0; i < url.length(); i++) {
            var c = url.charAt(i);
            if (c == '#') {
                return null;
            }
            if (c == '\r' || c == '\n' || (c == '%' && encodedBreak(url, i + 1))) {
                return Refusal.of(
                        ScannerName.CRLF, "crlf", Severity.high, "url", "the URL holds a line break at index " + i, "");
            }
        }
        return null;
    }

    private static boolean encodedBreak(String url, int at) {
        var i = at;
        while (url.startsWith("25", i)) {
            i += 2;
        }
        return i + 1 < url.length()
                && url.charAt(i) == '0'
                && switch (url.charAt(i + 1)) {
                    case 'a', 'A', 'd', 'D' -> true;
                    default -> false;
                };
    }
}
